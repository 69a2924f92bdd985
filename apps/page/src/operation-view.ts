import type { OperationView, Principal } from '@countersign/protocol';
import { call } from './api.ts';
import { decidePart } from './decide-part.ts';
import { byId, element, paragraph } from './element.ts';
import { followOperation } from './follow.ts';
import { approvalsOf, checksOf, diffsOf, factsOf, stepsOf, verdictOf, wayBackOf } from './plan-parts.ts';
import { problem } from './problem.ts';
import { evidencePart, OutputPart, runPart } from './run-part.ts';
import { shownLine } from './shown-text.ts';
import { statusKind, statusSentence, titleOf } from './words.ts';

const sealPauseMs = 1000;
const bunchMs = 100;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const over = (operation: OperationView): boolean => operation.run?.ended_at != null || operation.state === 'closed';

/** What of an operation decides whether the page is drawn anew. */
const faceOf = ({ display, evidence, approvals, plan, run }: OperationView): string =>
  JSON.stringify([display, evidence, approvals, plan?.digest, run?.state, run?.steps.map(({ state }) => state)]);

/** Shows one operation, with what whoever looks can do, and follows it to its end. */
export async function showOperation(main: HTMLElement, me: Principal, id: string): Promise<void> {
  const params = { op_id: id };
  const output = new OutputPart();
  let operation = await call('opsGet', { params });

  const refresh = async (): Promise<void> => {
    const newer = await call('opsGet', { params });
    const same = faceOf(newer) === faceOf(operation);
    operation = newer;
    if (!same) draw();
  };
  const changed = async (): Promise<void> => {
    await refresh();
    byId('status').focus();
  };
  const draw = (): void => {
    const { run } = operation;
    const status = element(
      'p',
      { id: 'status', class: `status ${statusKind(operation.display)}`, role: 'status', tabindex: '-1' },
      statusSentence(operation.display),
    );
    status.dataset['display'] = operation.display;
    status.dataset['evidence'] = operation.evidence ?? '';
    const mine = decidePart({ operation, me, changed });
    const about = [
      diffsOf(operation.diffs),
      stepsOf(operation.steps),
      checksOf(operation.checks),
      verdictOf(operation.verdict),
      approvalsOf(operation.approvals),
      wayBackOf(operation.plan),
    ];
    const lead = [element('h1', {}, ...shownLine(titleOf(operation))), status, factsOf(operation)];
    if (mine !== null) lead.push(paragraph(element('a', { href: '#your-part' }, 'Go to your part')));
    const parts =
      run === null
        ? [...about, ...(mine === null ? [] : [mine])]
        : [runPart(run), output.element, evidencePart(operation), ...about];
    main.replaceChildren(...lead, ...parts);
  };
  draw();

  let isAsked = false;
  /** News come in bunches; one look is enough for each. */
  const lookSoon = async (): Promise<void> => {
    if (isAsked) return;
    isAsked = true;
    await pause(bunchMs);
    isAsked = false;
    await refresh();
  };
  const failed = (error: unknown): void => main.prepend(problem(error));
  const follow = new AbortController();
  addEventListener('pagehide', () => follow.abort(), { once: true });
  const toTheEnd = async (): Promise<void> => {
    await followOperation(
      id,
      (event) => {
        output.tell(event);
        if (event.type !== 'output' && event.type !== 'progress') lookSoon().catch(failed);
      },
      follow.signal,
    );
    // The stream ends with the run; the bundle is sealed and proved a moment later.
    for (let tries = 0; tries < 30 && !follow.signal.aborted; tries += 1) {
      await refresh();
      if (over(operation) && (operation.run === null || operation.evidence === 'anchored')) return;
      await pause(sealPauseMs);
    }
  };
  toTheEnd().catch(failed);
}
