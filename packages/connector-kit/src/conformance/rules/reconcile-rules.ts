import type { ConnectedTarget, ParsedStep } from '../../connector/connector.ts';
import { attempt, same, say } from '../bench/attempt.ts';
import { type Bench, stored } from '../bench/bench.ts';
import { applyIntent, type Intent, intend, look } from '../bench/list-run.ts';
import type { ConformanceTarget, WriteCase } from '../harness.ts';
import type { WriteRule } from '../rule.ts';

async function firstIntent<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  subject: WriteCase<Target>,
): Promise<{ connection: ConnectedTarget; steps: ParsedStep[]; step: ParsedStep; intent: Intent }> {
  const steps = bench.parse(subject.steps);
  const [step] = steps;
  if (step === undefined) throw new Error(`case ${subject.name} has no step`);
  const connection = bench.connect();
  const { guard } = await look(connection, steps, bench.context());
  const intent = await intend(connection, step, guard, bench.context(), bench.target.ports.now());
  return { connection, steps, step, intent };
}

const reconcileApplied: WriteRule = {
  id: 'reconcile-applied',
  title: 'an applied intent is found applied by another worker, whose guard carries on with the list',
  async examine(bench, subject) {
    const { connection, steps, step, intent } = await firstIntent(bench, subject);
    await applyIntent(connection, step, intent, bench.context());
    const [snapshot, effects] = [await bench.target.snapshot(), await bench.target.effects()];
    const other = bench.connect(60_000);
    const found = await other.reconcile(step, intent, bench.context());
    const problems: string[] = [];
    if (found.answer !== 'applied') problems.push(`an applied intent is called ${found.answer}`);
    if (!same(snapshot, await bench.target.snapshot())) problems.push('reconcile changed the target');
    if ((await bench.target.effects()) !== effects) problems.push('reconcile had an effect');
    if (problems.length > 0) return problems;
    let guard = stored(found.guard);
    await other.verify(step, intent.before, { after: stored(found.after), guard }, bench.context());
    for (const next of steps.slice(1)) {
      const nextIntent = await intend(other, next, guard, bench.context(), bench.target.ports.now());
      guard = (await applyIntent(other, next, nextIntent, bench.context())).guard;
    }
    return problems;
  },
};

const reconcileUnapplied: WriteRule = {
  id: 'reconcile-unapplied',
  title: 'an intent that was never applied is not called applied, and reconcile applies nothing',
  async examine(bench, subject) {
    const { step, intent } = await firstIntent(bench, subject);
    const [snapshot, effects] = [await bench.target.snapshot(), await bench.target.effects()];
    const { answer } = await bench.connect(60_000).reconcile(step, intent, bench.context());
    const problems: string[] = [];
    const accepted = subject.unappliedIsIndeterminate === true ? ['not_applied', 'indeterminate'] : ['not_applied'];
    if (!accepted.includes(answer)) problems.push(`an intent that was never applied is called ${answer}`);
    if (!same(snapshot, await bench.target.snapshot())) problems.push('reconcile changed the target');
    if ((await bench.target.effects()) !== effects) problems.push('reconcile had an effect');
    return problems;
  },
};

/** What a worker that finds an intent without outcome may do; answers the problems it met. */
async function takeOver<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  step: ParsedStep,
  intent: Intent,
): Promise<string[]> {
  const other = bench.connect(60_000);
  const { answer } = await other.reconcile(step, intent, bench.context());
  if (answer !== 'not_applied' || bench.idempotency(step.action) === 'none') return [];
  const again = await attempt(bench.boundMs, () => applyIntent(other, step, intent, bench.context()));
  if (again.kind === 'hung') return ['the apply after reconcile hangs'];
  return again.kind === 'error' ? [`the apply after reconcile fails: ${say(again.error)}`] : [];
}

const atMostOnce: WriteRule = {
  id: 'at-most-once',
  title: 'a worker killed before or after its effect leaves at most one effect behind its successors',
  async examine(bench, subject) {
    const { connection, step, intent } = await firstIntent(bench, subject);
    const effects = await bench.target.effects();
    const problems = await takeOver(bench, step, intent);
    const retried = (await bench.target.effects()) - effects;
    if (retried === 0) await attempt(bench.boundMs, () => applyIntent(connection, step, intent, bench.context()));
    for (let round = 0; round < 2; round += 1) problems.push(...(await takeOver(bench, step, intent)));
    const had = (await bench.target.effects()) - effects;
    if (had > 1) problems.push(`one intent had ${had} effects`);
    if (had === 0) problems.push('the intent never had its effect');
    return problems;
  },
};

export const reconcileRules: readonly WriteRule[] = [reconcileApplied, reconcileUnapplied, atMostOnce];
