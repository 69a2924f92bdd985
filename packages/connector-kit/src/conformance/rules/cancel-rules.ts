import type { Json } from '@countersign/protocol';
import type { ConnectedTarget, ParsedStep, WorkContext } from '../../connector/connector.ts';
import { ConnectorError, type ConnectorErrorCode } from '../../connector/connector-error.ts';
import { type Attempt, attempt, failureProblems, interrupted, same, say } from '../bench/attempt.ts';
import type { Bench } from '../bench/bench.ts';
import { applyIntent, type Intent, intend, look } from '../bench/list-run.ts';
import type { ConformanceTarget, WriteCase } from '../harness.ts';
import type { ReadRule, WriteRule } from '../rule.ts';

const untilAbortMs = 150;

interface Prepared {
  readonly connection: ConnectedTarget;
  readonly steps: ParsedStep[];
  readonly step: ParsedStep;
  readonly intent: Intent;
}

async function prepare<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  subject: WriteCase<Target>,
): Promise<Prepared> {
  const steps = bench.parse(subject.steps);
  const [step] = steps;
  if (step === undefined) throw new Error(`case ${subject.name} has no step`);
  const connection = bench.connect();
  const { guard } = await look(connection, steps, bench.context());
  const intent = await intend(connection, step, guard, bench.context(), bench.target.ports.now());
  return { connection, steps, step, intent };
}

/** Whether the target and the error tell the same story about an interrupted apply. */
async function halfDone<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  subject: WriteCase<Target>,
  prepared: Prepared,
  was: { state: Json; effects: number },
  ended: Attempt<unknown>,
): Promise<string[]> {
  const had = (await bench.target.effects()) - was.effects;
  const problems: string[] = [];
  if (had > 1) problems.push(`an interrupted apply had ${had} effects`);
  if (had === 0 && !same(was.state, await bench.target.state())) {
    problems.push('an interrupted apply left the state half changed');
  }
  const promised = ended.kind === 'error' && ended.error instanceof ConnectorError && ended.error.effect === 'none';
  if (promised && had > 0) problems.push('the error promises no effect, the target counted one');
  const { answer } = await bench.connect(60_000).reconcile(prepared.step, prepared.intent, bench.context());
  const undecided = answer === 'indeterminate' && subject.unappliedIsIndeterminate === true;
  const truth = had > 0 ? 'applied' : 'not_applied';
  if (answer !== truth && !undecided) problems.push(`reconcile says ${answer}, the target counted ${had} effects`);
  return problems;
}

const cancelledBefore: WriteRule = {
  id: 'cancelled-before',
  title: 'nothing starts on an aborted signal',
  async examine(bench, subject) {
    const { connection, steps, step, intent } = await prepare(bench, subject);
    const snapshot = await bench.target.snapshot();
    const context = bench.context({ signal: AbortSignal.abort() });
    const problems: string[] = [];
    const calls: [string, () => Promise<unknown>][] = [
      ['plan', () => connection.plan(steps, context)],
      ['observe', () => connection.observe(steps, context)],
      ['apply', () => applyIntent(connection, step, intent, context)],
    ];
    for (const [what, call] of calls) {
      const ended = await attempt(bench.cancelBoundMs, call);
      problems.push(...failureProblems(what, ended, ['E_CANCELLED'], what === 'apply' ? 'none' : undefined));
    }
    if (!same(snapshot, await bench.target.snapshot())) problems.push('the target changed');
    return problems;
  },
};

async function abortWhileSlow<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  subject: WriteCase<Target>,
  codes: readonly ConnectorErrorCode[],
  reason: unknown,
): Promise<string[]> {
  const prepared = await prepare(bench, subject);
  const was = { state: await bench.target.state(), effects: await bench.target.effects() };
  const { connection, steps, step, intent } = prepared;
  const problems: string[] = [];
  await bench.target.slowDown();
  const options = { delayMs: untilAbortMs, boundMs: bench.cancelBoundMs, reason };
  const within = (signal: AbortSignal): WorkContext => bench.context({ signal });
  const plan = await interrupted((signal) => connection.plan(steps, within(signal)), options);
  problems.push(...failureProblems('plan of a slow target', plan, codes));
  const applied = await interrupted((signal) => applyIntent(connection, step, intent, within(signal)), options);
  problems.push(...failureProblems('apply to a slow target', applied, codes));
  await bench.target.heal();
  return [...problems, ...(await halfDone(bench, subject, prepared, was, applied))];
}

const cancelledSlow: WriteRule = {
  id: 'cancelled-while-slow',
  title: 'cancel ends the work on a slow target within a bounded time and leaves nothing half done',
  examine: (bench, subject) => abortWhileSlow(bench, subject, ['E_CANCELLED'], undefined),
};

const timedOut: WriteRule = {
  id: 'timed-out',
  title: 'a signal aborted by its time limit ends the work within a bounded time',
  examine: (bench, subject) =>
    abortWhileSlow(
      bench,
      subject,
      ['E_TIMEOUT', 'E_CANCELLED'],
      new DOMException('the time limit is over', 'TimeoutError'),
    ),
};

function cancelledAfter(delayMs: number): WriteRule {
  return {
    id: 'cancelled-anytime',
    title: `cancel ${delayMs} ms into an apply leaves it done or not done, never between`,
    async examine(bench, subject) {
      const prepared = await prepare(bench, subject);
      const was = { state: await bench.target.state(), effects: await bench.target.effects() };
      const ended = await interrupted(
        (signal) => applyIntent(prepared.connection, prepared.step, prepared.intent, bench.context({ signal })),
        { delayMs, boundMs: bench.cancelBoundMs },
      );
      const problems = ended.kind === 'value' ? [] : failureProblems('apply', ended, ['E_CANCELLED']);
      return [...problems, ...(await halfDone(bench, subject, prepared, was, ended))];
    },
  };
}

const readCancelled: ReadRule = {
  id: 'read-cancelled',
  title: 'a read ends within a bounded time when it is cancelled',
  async examine(bench, subject) {
    const [step] = bench.parse([subject.step]);
    if (step === undefined) return ['the case has no step'];
    const connection = bench.connect();
    const early = await attempt(bench.cancelBoundMs, () =>
      connection.read(step, bench.context({ signal: AbortSignal.abort() })),
    );
    await bench.target.slowDown();
    const late = await interrupted((signal) => connection.read(step, bench.context({ signal })), {
      delayMs: untilAbortMs,
      boundMs: bench.cancelBoundMs,
    });
    await bench.target.heal();
    const after = await attempt(bench.boundMs, () => connection.read(step, bench.context({ action: step.action })));
    return [
      ...failureProblems('a read on an aborted signal', early, ['E_CANCELLED']),
      ...failureProblems('a read of a slow target', late, ['E_CANCELLED']),
      ...(after.kind === 'error' ? [`a read after a cancelled one fails: ${say(after.error)}`] : []),
    ];
  },
};

export const cancelRules: readonly WriteRule[] = [
  cancelledBefore,
  cancelledSlow,
  timedOut,
  cancelledAfter(1),
  cancelledAfter(15),
  cancelledAfter(60),
];
export const readCancelRules: readonly ReadRule[] = [readCancelled];
