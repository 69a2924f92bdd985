import {
  ConnectorError,
  compareReplay,
  fingerprint,
  isLater,
  type Replayed,
  type ReplayStep,
  type ReplaySubject,
} from '@countersign/connector-kit';
import type { Precondition, ReplayComparison } from '@countersign/protocol';
import { z } from 'zod';
import { RunState } from './kept-state.ts';
import { RestartInputs } from './manifest.ts';
import { type RestartedContainer, restartDiff } from './restart-diff.ts';

/** The observation of a container as its precondition keeps it. */
const Observed = z.strictObject({
  exists: z.literal(true),
  id: z.string(),
  name: z.string(),
  image: z.string(),
  image_digest: z.string(),
  restart_policy: z.string(),
  state: z.string(),
});
type Observed = z.infer<typeof Observed>;

function observedFor(reference: string, preconditions: readonly Precondition[], index: number): Observed {
  const all = preconditions.flatMap(({ observed }) => Observed.safeParse(observed).data ?? []);
  const found = all.find(({ name }) => name === reference) ?? all.find(({ id }) => id.startsWith(reference));
  if (found !== undefined) return found;
  throw new ConnectorError('E_TARGET_MISSING', `step ${index}: the plan holds no observation of ${reference}`, {
    effect: 'none',
    detail: { next: 'verify the bundle: its plan names every container that it restarts' },
  });
}

function containerOf(observed: Observed): RestartedContainer {
  const { name, state, restart_policy: restartPolicy, image: imageName, image_digest: imageDigest } = observed;
  return { name, state, restartPolicy, imageName, imageDigest };
}

/** What a restart makes of a container, checked on the two states that the run recorded. */
function compareRestart({ step: { index }, before, after }: ReplayStep, observed: Observed): ReplayComparison[] {
  const was = RunState.safeParse(before).data;
  const is = RunState.safeParse(after).data;
  if (was === undefined) return [compareReplay(index, 'recorded state before', 'readable', 'not readable')];
  const compared = [
    compareReplay(index, 'container before', was.id, observed.id),
    compareReplay(index, 'state before', was.state, observed.state),
  ];
  // A person's word on the outcome holds no state to compare.
  if (is === undefined) return compared;
  return [
    ...compared,
    compareReplay(index, 'container after', is.id, observed.id),
    compareReplay(index, 'state after', is.state, 'running'),
    compareReplay(index, 'started later', isLater(is.started_at, was.started_at), true),
    compareReplay(index, 'another process', is.pid !== 0 && is.pid !== was.pid, true),
  ];
}

/**
 * Simulates the restarts from the recorded observations: their fingerprints and diffs are derived again, and the recorded
 * states are compared with what a restart makes of a container. No daemon is asked and no container touched.
 */
export function replay({ plan, steps }: ReplaySubject): Replayed {
  const preconditions = plan.preconditions.map((each) => ({ ...each, fingerprint: fingerprint(each.observed) }));
  const replayed = steps.map((each) => {
    const { container, stop_timeout_seconds } = RestartInputs.parse(each.step.inputs);
    const observed = observedFor(container, plan.preconditions, each.step.index);
    const diff = restartDiff(each.step.index, containerOf(observed), stop_timeout_seconds);
    return { diff, compared: each.applied ? compareRestart(each, observed) : [] };
  });
  const done = steps.filter(({ applied }) => applied).length;
  return {
    says:
      `simulated: the state transition of ${done} restart(s) was computed again from the observation that the plan ` +
      'recorded, and compared with the recorded states before and after; no container was touched',
    derived: { diffs: replayed.map(({ diff }) => diff), preconditions },
    compared: replayed.flatMap(({ compared }) => compared),
  };
}
