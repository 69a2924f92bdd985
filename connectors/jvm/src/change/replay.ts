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
import { JvmInputs } from '../manifest.ts';
import { gcDiff } from './gc-diff.ts';
import { GcState } from './kept-state.ts';

/** The observation of a JVM as its precondition keeps it. */
const Observed = z.strictObject({
  exists: z.literal(true),
  asked: z.string(),
  pid: z.int(),
  name: z.string(),
  began_at: z.int(),
  collector: z.string(),
  max_heap_bytes: z.number().nullable(),
  collects_when_asked: z.boolean(),
});
type Observed = z.infer<typeof Observed>;

function observedFor(asked: string, preconditions: readonly Precondition[], index: number): Observed {
  const all = preconditions.flatMap(({ observed }) => Observed.safeParse(observed).data ?? []);
  const found = all.find((each) => each.asked === asked);
  if (found !== undefined) return found;
  throw new ConnectorError('E_TARGET_MISSING', `step ${index}: the plan holds no observation of ${asked}`, {
    effect: 'none',
    detail: { next: 'verify the bundle: its plan names every JVM that collects' },
  });
}

/** What a collection makes of a JVM, checked on the two states that the run recorded. */
function compareGc({ step: { index }, before, after }: ReplayStep, observed: Observed): ReplayComparison[] {
  const was = GcState.safeParse(before).data;
  const is = GcState.safeParse(after).data;
  if (was === undefined) return [compareReplay(index, 'recorded state before', 'readable', 'not readable')];
  const compared = [
    compareReplay(index, 'JVM before', was.pid, observed.pid),
    compareReplay(index, 'began before', was.began_at, observed.began_at),
  ];
  // A person's word on the outcome holds no state to compare.
  if (is === undefined) return compared;
  return [
    ...compared,
    compareReplay(index, 'the same JVM after', is.began_at, was.began_at),
    compareReplay(index, 'a collection more', is.major_collections > was.major_collections, true),
  ];
}

/** Simulates the collections from the recorded observations: no JVM is asked. */
export function replay({ plan, steps }: ReplaySubject): Replayed {
  const preconditions = plan.preconditions.map((each) => ({ ...each, fingerprint: fingerprint(each.observed) }));
  const replayed = steps.map((each) => {
    const observed = observedFor(JvmInputs.parse(each.step.inputs).jvm, plan.preconditions, each.step.index);
    const diff = gcDiff(each.step.index, { ...observed, maxHeapBytes: observed.max_heap_bytes });
    return { diff, compared: each.applied ? compareGc(each, observed) : [] };
  });
  const done = steps.filter(({ applied }) => applied).length;
  return {
    says:
      `simulated: what ${done} collection(s) do was computed again from the observation that the plan recorded, and compared ` +
      'with the recorded counts before and after; no JVM was asked',
    derived: { diffs: replayed.map(({ diff }) => diff), preconditions },
    compared: replayed.flatMap(({ compared }) => compared),
  };
}
