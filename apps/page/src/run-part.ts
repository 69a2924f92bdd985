import type { OperationView, RunView, StreamEvent } from '@countersign/protocol';
import { actionButton } from './act.ts';
import { call } from './api.ts';
import { type Content, element, paragraph, section } from './element.ts';
import { moment, shown, shownLine } from './shown-text.ts';

const stepWords: Readonly<Record<RunView['steps'][number]['state'], string>> = {
  pending: 'not yet',
  intent: 'in the middle of it',
  applied: 'made, not read back yet',
  verified: 'made and verified',
  failed: 'failed',
  unknown: 'unknown',
  skipped: 'not done',
};

/** How a run goes, step by step. */
export function runPart(run: RunView): HTMLElement {
  const items = run.steps.map(({ action, state, failure }) =>
    element(
      'li',
      {},
      element('code', {}, ...shownLine(action)),
      `: ${stepWords[state]}`,
      ...(failure === null ? [] : [': ', ...shownLine(`${failure.code} ${failure.message}`)]),
    ),
  );
  const times: Content[] = run.started_at === null ? [] : ['Began ', moment(run.started_at)];
  if (run.ended_at !== null) times.push(', ended ', moment(run.ended_at));
  return section(
    'Run',
    paragraph(...times),
    element('ol', {}, ...items),
    ...(run.failure === null
      ? []
      : [paragraph(element('strong', {}, ...shownLine(`${run.failure.code}: ${run.failure.message}`)))]),
  );
}

const longestOutput = 200_000;

/** What a run says while it goes. */
export class OutputPart {
  readonly element: HTMLElement;
  readonly #text = element('pre', { tabindex: '0', role: 'log', 'aria-label': 'Output of the run' });
  #length = 0;
  constructor() {
    this.element = element('details', {}, element('summary', {}, 'Output'), this.#text);
    this.element.hidden = true;
  }

  /** Adds an event's words; beyond 200,000 characters the bundle has the rest. */
  tell(event: StreamEvent): void {
    const text =
      event.type === 'output'
        ? event.text
        : event.type === 'progress'
          ? `step ${event.step + 1}: ${event.message}`
          : '';
    if (text === '' || this.#length > longestOutput) return;
    this.#length += text.length;
    this.#text.append(...shown(text.endsWith('\n') ? text : `${text}\n`));
    this.element.hidden = false;
  }
}

function save(name: string, content: unknown): void {
  const url = URL.createObjectURL(new Blob([JSON.stringify(content, null, 2)], { type: 'application/json' }));
  element('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

const evidenceWords: Readonly<Record<NonNullable<OperationView['evidence']>, string>> = {
  open: 'The evidence is sealed when the run is over.',
  sealing: 'The evidence is being sealed.',
  sealed: 'Sealed; its proof from the log follows in a moment.',
  anchored: 'Sealed, with the proof that it is in the audit log.',
};

/** The evidence of an operation that ran. */
export function evidencePart(operation: OperationView): HTMLElement {
  const { evidence, bundle_id: bundle } = operation;
  if (evidence === null) return section('Evidence', paragraph('There is none yet.'));
  const ready = evidence === 'sealed' || evidence === 'anchored';
  return section(
    'Evidence',
    paragraph(evidenceWords[evidence]),
    ...(ready
      ? [
          element(
            'div',
            { class: 'buttons' },
            actionButton('Get the evidence', 'main', async () => {
              save(`evidence-${bundle}.json`, await call('evidence', { params: { bundle_id: bundle } }));
            }),
            element('a', { href: '/verify' }, 'Verify it in this browser'),
          ),
        ]
      : []),
  );
}
