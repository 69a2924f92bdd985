import { parseCanonical, renderPlan, visible, visibleLine } from '@countersign/evidence';
import { BundleApprovals, BundleRun, PlanBody, type VerifyFinding, type VerifyReport } from '@countersign/protocol';
import { element } from './element.ts';
import type { Files } from './read-input.ts';

const headlines = {
  pass: ['Verified', 'The bundle is whole: nothing in it was changed since it was sealed.'],
  fail: ['Not verified', 'The bundle does not verify: see what failed below.'],
  error: ['Not verified', 'The bundle could not be read in full, so it does not verify.'],
  unknown: ['Not proven', 'Something could not be checked: this is not a proof yet.'],
} as const;

const time = (at: number | null): string => (at === null ? 'never' : new Date(at).toISOString());

function contentOf(files: Files) {
  const read = <T>(path: string, schema: Parameters<typeof parseCanonical<T>>[1]): T | null => {
    const parsed = parseCanonical(files.get(path) ?? new Uint8Array(), schema);
    return parsed.ok ? parsed.value : null;
  };
  return {
    plan: read('plan.json', PlanBody),
    approvals: read('approvals.json', BundleApprovals),
    run: read('run.json', BundleRun),
  };
}

function row(name: string, value: string): HTMLElement {
  return element('tr', {}, element('th', { scope: 'row' }, name), element('td', {}, visibleLine(value)));
}

function facts(files: Files): HTMLElement[] {
  const { plan, run, approvals } = contentOf(files);
  const rows: HTMLElement[] = [];
  if (plan !== null) {
    const { project, environment, name } = plan.target;
    rows.push(row('Target', `${project}/${environment}/${name}`));
    rows.push(row('Actions', plan.steps.map(({ action }) => action).join(', ')));
  }
  if (run !== null) {
    rows.push(
      row('Outcome', run.state),
      row('Requested by', `${run.requester.name}${run.requester.ai ? ' (AI)' : ''}`),
    );
    rows.push(
      row('Created', time(run.created_at)),
      row('Started', time(run.started_at)),
      row('Ended', time(run.ended_at)),
    );
    if (run.failure !== null) rows.push(row('Failure', `${run.failure.code}: ${run.failure.message}`));
  }
  for (const { statement } of approvals?.approvals ?? []) {
    const comment = statement.comment === '' ? '' : `: ${statement.comment}`;
    rows.push(row(statement.kind, `${statement.approver}, ${time(statement.issued_at)}${comment}`));
  }
  return rows;
}

function findingRow({ id, state, summary, detail, file }: VerifyFinding): HTMLElement {
  const attributes = { 'data-finding': id, 'data-state': state, 'data-file': file ?? '' };
  return element(
    'tr',
    attributes,
    element('td', { class: state }, state),
    element('td', {}, element('code', {}, visibleLine(id))),
    element('td', {}, visibleLine(file ?? '')),
    element('td', {}, visibleLine(detail === '' || state === 'pass' ? summary : `${summary} ${detail}`)),
  );
}

function findingTable(caption: string, findings: readonly VerifyFinding[]): HTMLElement {
  const head = ['State', 'Finding', 'File', 'What'].map((name) => element('th', { scope: 'col' }, name));
  return element(
    'table',
    {},
    element('caption', {}, caption),
    element('thead', {}, element('tr', {}, ...head)),
    element('tbody', {}, ...findings.map(findingRow)),
  );
}

function textSection(title: string, text: string, open: boolean): HTMLElement {
  const attributes: Record<string, string> = open ? { open: '' } : {};
  const body = element('pre', { tabindex: '0', 'aria-label': title }, visible(text));
  return element('details', attributes, element('summary', {}, title), body);
}

/** The result of one verification, as the page shows it. Content of a bundle that does not verify is shown as claimed only. */
export function showReport(report: VerifyReport, files: Files, keys: string): HTMLElement[] {
  const [title, sentence] = headlines[report.state];
  const verdict = element(
    'div',
    { id: 'verdict', 'data-state': report.state, tabindex: '-1' },
    element('h2', { class: report.state }, title),
    element('p', {}, sentence),
    element('p', {}, visibleLine(keys)),
  );
  const bad = report.findings.filter(({ state }) => state !== 'pass');
  const good = report.findings.filter(({ state }) => state === 'pass');
  const { plan } = contentOf(files);
  const claimed = report.state === 'pass' ? '' : ' (as the files claim)';
  return [
    verdict,
    ...(bad.length === 0 ? [] : [findingTable('What does not hold', bad)]),
    element('h2', {}, `What happened${claimed}`),
    element('table', {}, element('tbody', {}, ...facts(files))),
    ...(plan === null ? [] : [textSection(`The plan${claimed}`, renderPlan(plan), true)]),
    textSection(`The log of the run${claimed}`, new TextDecoder().decode(files.get('logs.txt')), false),
    element('details', {}, element('summary', {}, `${good.length} checks passed`), findingTable('What holds', good)),
  ];
}
