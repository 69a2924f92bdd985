import type { Check, Diff, OperationView, Verdict } from '@countersign/protocol';
import { type Content, element, factList, paragraph, section } from './element.ts';
import { moment, shown, shownJson, shownLine } from './shown-text.ts';
import { riskBadge } from './waiting-view.ts';
import { obligationSentence } from './words.ts';

/** The exact target, risk and who asked. */
export function factsOf(operation: OperationView): HTMLElement {
  const { target, requester, plan, note } = operation;
  const line = (text: string): Content => element('span', {}, ...shownLine(text));
  return factList([
    ['Risk', riskBadge(operation.risk), ` ${operation.effect}`],
    [
      'Target',
      element('strong', {}, ...shownLine(target.name)),
      line(` in ${target.project} / ${target.environment}, tier ${target.tier}, by ${target.connector}`),
    ],
    ['Which is', element('code', {}, ...shownLine(plan?.identity ?? 'not observed yet'))],
    ['Asked for by', line(`${requester.name}${requester.ai ? ' (AI)' : ''}`), ', ', moment(operation.created_at)],
    ...(note === '' ? [] : [['Note', line(note)] as const]),
    ['Digest', element('code', {}, plan?.digest ?? 'none yet')],
  ]);
}

function diffLine(line: string): HTMLElement {
  const kind = line.startsWith('+++') || line.startsWith('---') ? 'head' : (kinds[line.charAt(0)] ?? 'same');
  return element('span', { class: `line ${kind}` }, ...shown(line), '\n');
}
const kinds: Readonly<Record<string, string>> = { '+': 'added', '-': 'removed', '@': 'place' };

/** The exact change at each place, with what cannot be seen made visible. */
export function diffsOf(diffs: readonly Diff[]): HTMLElement {
  const shownDiffs = diffs.map(({ path, summary, patch, step }) =>
    element(
      'figure',
      {},
      element(
        'figcaption',
        {},
        element('code', {}, ...shownLine(path)),
        ...shownLine(` — step ${step + 1}: ${summary}`),
      ),
      element(
        'pre',
        { tabindex: '0', class: 'diff', 'aria-label': `Change of ${path}` },
        ...patch.replace(/\n$/, '').split('\n').map(diffLine),
      ),
    ),
  );
  return section(
    'What changes',
    ...(shownDiffs.length === 0 ? [paragraph('Nothing that can be shown as a diff.')] : shownDiffs),
  );
}

/** What is done, in order. */
export function stepsOf(steps: OperationView['steps']): HTMLElement {
  const items = steps.map(({ action, inputs }) =>
    element('li', {}, element('code', {}, ...shownLine(action)), shownJson(inputs)),
  );
  return section('Steps', element('ol', {}, ...items));
}

function checkRow({ id, status, message, file, line }: Check): HTMLElement {
  const place = file === undefined ? '' : ` (${file}${line === undefined ? '' : `, line ${line}`})`;
  return element(
    'li',
    {},
    element('span', { class: `badge check-${status}` }, status),
    ' ',
    ...shownLine(`${message}${place}`),
    ' ',
    element('code', { class: 'small' }, ...shownLine(id)),
  );
}

/** What was checked before; what passed stands behind its number. */
export function checksOf(checks: readonly Check[]): HTMLElement {
  const passed = checks.filter(({ status }) => status === 'pass');
  const others = checks.filter(({ status }) => status !== 'pass');
  const list = (rows: readonly Check[]): HTMLElement => element('ul', { class: 'plain' }, ...rows.map(checkRow));
  const summary = element('summary', {}, passed.length === 1 ? '1 check passed' : `${passed.length} checks passed`);
  return section(
    'Checks',
    ...(checks.length === 0 ? [paragraph('None.')] : []),
    ...(others.length === 0 ? [] : [list(others)]),
    ...(passed.length === 0 ? [] : [element('details', {}, summary, list(passed))]),
  );
}

const decisions: Readonly<Record<Verdict['decision'], string>> = {
  allow: 'Policy allows it.',
  deny: 'Policy denies it.',
  needs: 'Policy allows it once this is met:',
};

/** Policy's answer, and the policies that gave it. */
export function verdictOf(verdict: Verdict | null): HTMLElement {
  if (verdict === null) return section('Policy', paragraph('Not asked yet.'));
  const open = verdict.obligations.map((obligation) => element('li', {}, obligationSentence(obligation)));
  const policies = verdict.policies.map(({ id, effect, text }) =>
    element(
      'details',
      {},
      element('summary', {}, `${effect === 'permit' ? 'Permits' : 'Forbids'}: `, element('code', {}, ...shownLine(id))),
      element('pre', { tabindex: '0' }, ...shown(text)),
    ),
  );
  return section(
    'Policy',
    paragraph(decisions[verdict.decision], ...(open.length === 0 ? [' ', ...shownLine(verdict.reason)] : [])),
    ...(open.length === 0 ? [] : [element('ul', {}, ...open), paragraph(...shownLine(verdict.reason))]),
    ...policies,
  );
}

/** Who decided what so far. */
export function approvalsOf(approvals: OperationView['approvals']): HTMLElement {
  if (approvals.length === 0) return section('Decisions so far', paragraph('None.'));
  const items = approvals.map(({ kind, principal, issued_at: at, state, comment }) =>
    element(
      'li',
      {},
      element('strong', {}, kind),
      ...shownLine(` by ${principal}, `),
      moment(at),
      ` (${state})`,
      ...(comment === '' ? [] : [element('blockquote', {}, ...shown(comment))]),
    ),
  );
  return section('Decisions so far', element('ul', {}, ...items));
}

/** How it could be taken back. */
export function wayBackOf(plan: OperationView['plan']): HTMLElement {
  const rollback = plan?.rollback ?? null;
  if (rollback === null) return section('Way back', paragraph('Not known yet.'));
  if (!rollback.possible) return section('Way back', paragraph('None: ', ...shownLine(rollback.reason)));
  const items = rollback.steps.map(({ action, inputs }) =>
    element('li', {}, element('code', {}, ...shownLine(action)), shownJson(inputs)),
  );
  return section(
    'Way back',
    paragraph(...shownLine(rollback.summary)),
    element('details', {}, element('summary', {}, 'The inverse steps'), element('ol', {}, ...items)),
  );
}
