import type { ParsedStep } from '../../connector/connector.ts';
import { ConnectorError } from '../../connector/connector-error.ts';
import { type Attempt, attempt, failureProblems, same } from '../bench/attempt.ts';
import type { Bench } from '../bench/bench.ts';
import { applyIntent, intend, look } from '../bench/list-run.ts';
import type { ConformanceTarget, FailureCase, WriteCase } from '../harness.ts';
import type { FailureRule, WriteRule } from '../rule.ts';

/** Secrets found in what an error shows. */
function leaks(ended: Attempt<unknown>, secrets: readonly string[] | undefined): string[] {
  if (ended.kind !== 'error' || secrets === undefined) return [];
  const { error } = ended;
  const shown = error instanceof Error ? error.message : String(error);
  const detail = error instanceof ConnectorError ? JSON.stringify(error.detail) : '';
  return secrets
    .filter((secret) => `${shown} ${detail}`.includes(secret))
    .map((_secret, index) => `secret ${index} of the case stands in an error`);
}

async function cutOffCalls<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  subject: WriteCase<Target>,
): Promise<{ what: string; ended: Attempt<unknown> }[]> {
  const steps = bench.parse(subject.steps);
  const [step] = steps;
  if (step === undefined) return [];
  const connection = bench.connect();
  const { guard } = await look(connection, steps, bench.context());
  const intent = await intend(connection, step, guard, bench.context(), bench.target.ports.now());
  await bench.target.cutOff();
  const calls: [string, () => Promise<unknown>][] = [
    ['plan', () => connection.plan(steps, bench.context())],
    ['observe', () => connection.observe(steps, bench.context())],
    ['before', () => connection.before(step, guard, bench.context())],
    ['apply', () => applyIntent(connection, step, intent, bench.context())],
    ['reconcile', () => connection.reconcile(step, intent, bench.context())],
  ];
  const ends: { what: string; ended: Attempt<unknown> }[] = [];
  for (const [what, call] of calls) ends.push({ what, ended: await attempt(bench.boundMs, call) });
  await bench.target.heal();
  return ends;
}

const unreachable: WriteRule = {
  id: 'unreachable',
  title: 'an unreachable target is E_TARGET_UNREACHABLE in every call, and nothing has happened',
  async examine(bench, subject) {
    const [state, effects] = [await bench.target.state(), await bench.target.effects()];
    const problems: string[] = [];
    for (const { what, ended } of await cutOffCalls(bench, subject)) {
      // What `before` keeps may come from the guard alone.
      if (what === 'before' && ended.kind === 'value') continue;
      problems.push(...failureProblems(what, ended, ['E_TARGET_UNREACHABLE']));
    }
    if ((await bench.target.effects()) !== effects) problems.push('an effect was had');
    if (!same(state, await bench.target.state())) problems.push('the state changed');
    return problems;
  },
};

const secretsStay: WriteRule = {
  id: 'no-secret-in-errors',
  title: 'secret inputs do not occur in errors',
  async examine(bench, subject) {
    const problems: string[] = [];
    for (const { ended } of await cutOffCalls(bench, subject)) problems.push(...leaks(ended, subject.secrets));
    const steps = bench.parse(subject.steps);
    const [step] = steps;
    if (step === undefined) return problems;
    const connection = bench.connect();
    const { guard } = await look(connection, steps, bench.context());
    const intent = await intend(connection, step, guard, bench.context(), bench.target.ports.now());
    await subject.drift(bench.target);
    const stale = await attempt(bench.boundMs, () => applyIntent(connection, step, intent, bench.context()));
    return [...problems, ...leaks(stale, subject.secrets)];
  },
};

function failing<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  subject: FailureCase<Target>,
  steps: readonly ParsedStep[],
  step: ParsedStep,
): () => Promise<unknown> {
  const connection = bench.connect();
  if (subject.during === 'plan') return () => connection.plan(steps, bench.context());
  if (subject.during === 'observe') return () => connection.observe(steps, bench.context());
  return () => connection.read(step, bench.context({ action: step.action }));
}

const failures: FailureRule = {
  id: 'failures',
  title: 'fails with the code that says why, keeps secrets, and has no effect it does not own up to',
  async examine(bench, subject) {
    const steps = bench.parse(subject.steps);
    const [step] = steps;
    if (step === undefined) return ['the case has no step'];
    let call = failing(bench, subject, steps, step);
    if (subject.during === 'apply') {
      const connection = bench.connect();
      const { guard } = await look(connection, steps, bench.context());
      const intent = await intend(connection, step, guard, bench.context(), bench.target.ports.now());
      call = () => applyIntent(connection, step, intent, bench.context());
    }
    await subject.arrange(bench.target);
    const effects = await bench.target.effects();
    const ended = await attempt(bench.boundMs, call);
    const problems = failureProblems(subject.during, ended, subject.codes);
    await bench.target.heal();
    const none = ended.kind === 'error' && ended.error instanceof ConnectorError && ended.error.effect === 'none';
    if ((none || subject.during !== 'apply') && (await bench.target.effects()) !== effects) {
      problems.push('the failed call had an effect');
    }
    return [...problems, ...leaks(ended, subject.secrets)];
  },
};

export const errorRules: readonly WriteRule[] = [unreachable, secretsStay];
export const failureRules: readonly FailureRule[] = [failures];
