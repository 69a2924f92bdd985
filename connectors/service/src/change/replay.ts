import {
  ConnectorError,
  compareReplay,
  fingerprint,
  type Replayed,
  type ReplayStep,
  type ReplaySubject,
} from '@countersign/connector-kit';
import type { Precondition, ReplayComparison } from '@countersign/protocol';
import { z } from 'zod';
import type { Verb } from '../driver/driver.ts';
import { ChangeInputs } from '../manifest.ts';
import { changeDiff } from './change-diff.ts';
import { shortName } from './find-service.ts';
import { RunState } from './kept-state.ts';
import { requireVerb } from './require-verb.ts';

/** The observation of a service as its precondition keeps it. */
const Observed = z.strictObject({
  exists: z.literal(true),
  name: z.string(),
  up: z.boolean(),
  definition: z.string().nullable(),
  boot: z.string(),
});
type Observed = z.infer<typeof Observed>;

function observedFor(asked: string, preconditions: readonly Precondition[], index: number): Observed {
  const all = preconditions.flatMap(({ observed }) => Observed.safeParse(observed).data ?? []);
  const found = all.find(({ name }) => name === asked) ?? all.find(({ name }) => shortName(name) === shortName(asked));
  if (found !== undefined) return found;
  throw new ConnectorError('E_TARGET_MISSING', `step ${index}: the plan holds no observation of ${asked}`, {
    effect: 'none',
    detail: { next: 'verify the bundle: its plan names every service that it changes' },
  });
}

const upPhases: readonly string[] = ['running', 'starting', 'restarting'];

/** What a change makes of a service, checked on the two states that the run recorded. */
function compareChange(
  verb: Verb,
  { step: { index }, before, after }: ReplayStep,
  observed: Observed,
): ReplayComparison[] {
  const was = RunState.safeParse(before).data;
  const is = RunState.safeParse(after).data;
  if (was === undefined) return [compareReplay(index, 'recorded state before', 'readable', 'not readable')];
  const compared = [
    compareReplay(index, 'service before', was.name, observed.name),
    compareReplay(index, 'up before', upPhases.includes(was.phase), observed.up),
  ];
  // A person's word on the outcome holds no state to compare.
  if (is === undefined) return compared;
  compared.push(
    compareReplay(index, 'service after', is.name, observed.name),
    compareReplay(index, 'up after', upPhases.includes(is.phase), verb !== 'stop'),
  );
  return verb === 'restart'
    ? [...compared, compareReplay(index, 'another start', is.start !== '' && is.start !== was.start, true)]
    : compared;
}

/**
 * Simulates the changes from the recorded observations: their fingerprints and diffs are derived again, and the recorded
 * states are compared with what the change makes of a service. No manager is asked and no service touched.
 */
export function replay({ plan, steps }: ReplaySubject): Replayed {
  const preconditions = plan.preconditions.map((each) => ({ ...each, fingerprint: fingerprint(each.observed) }));
  const replayed = steps.map((each) => {
    const { service, stable_seconds } = ChangeInputs.parse(each.step.inputs);
    const verb = requireVerb(each.step);
    const observed = observedFor(service, plan.preconditions, each.step.index);
    const diff = changeDiff(each.step.index, verb, observed, stable_seconds);
    return { diff, compared: each.applied ? compareChange(verb, each, observed) : [] };
  });
  const done = steps.filter(({ applied }) => applied).length;
  return {
    says:
      `simulated: the state transition of ${done} change(s) was computed again from the observation that the plan ` +
      'recorded, and compared with the recorded states before and after; no service was touched',
    derived: { diffs: replayed.map(({ diff }) => diff), preconditions },
    compared: replayed.flatMap(({ compared }) => compared),
  };
}
