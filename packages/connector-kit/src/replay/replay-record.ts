import {
  JsonObject,
  noReplay,
  planReplay,
  type ReplayComparison,
  type ReplayRecord,
  type ReplayReport,
  replayedSteps,
  wasApplied,
} from '@countersign/protocol';
import type { ActionDefinition } from '../connector/action.ts';
import type { ConnectedTarget, WorkContext } from '../connector/connector.ts';
import { ConnectorError } from '../connector/connector-error.ts';
import { compareReplay } from './compare.ts';
import { replayedPlanDigest } from './plan-digest.ts';
import type { Replayed, ReplayStep, ReplaySubject } from './replay.ts';

const longestList = 1000;

function cannot(index: number, why: string, next: string): ConnectorError {
  return new ConnectorError('E_VALIDATION', `step ${index} cannot be replayed: ${why}`, {
    effect: 'none',
    detail: { field: `/steps/${index}`, next },
  });
}

function subjectOf(record: ReplayRecord, actions: ReadonlyMap<string, ActionDefinition>): ReplaySubject {
  const steps = record.plan.steps.map(({ index, action, inputs, replay }): ReplayStep => {
    const recorded = record.steps.find((known) => known.index === index);
    if (recorded === undefined) throw cannot(index, 'the run says nothing of it', 'verify the bundle');
    const parsed = actions.get(action)?.inputs.safeParse(inputs);
    if (parsed?.success !== true) {
      throw cannot(index, `${action} does not take these inputs here`, 'replay with the version of the plan');
    }
    return {
      step: { index, action, inputs: JsonObject.parse(parsed.data), idempotencyKey: recorded.idempotency_key },
      mode: replay,
      state: recorded.state,
      before: recorded.before,
      after: recorded.after,
      applied: wasApplied(recorded),
    };
  });
  return { plan: record.plan, steps };
}

/** Bytes of each diff, fingerprint of each precondition, and the digest of the plan with the derived parts in place. */
function comparePlan({ plan, plan_digest: digest }: ReplayRecord, derived: Replayed['derived']): ReplayComparison[] {
  const { diffs, preconditions } = derived;
  const length = Math.max(plan.diffs.length, diffs.length);
  const ofDiffs = Array.from({ length }, (_, index) => {
    const [expected, actual] = [plan.diffs[index], diffs[index]];
    const { step, path } = expected ?? actual ?? { step: null, path: '' };
    return compareReplay(step, `diff ${path}`, expected ?? null, actual ?? null);
  });
  const count = Math.max(plan.preconditions.length, preconditions.length);
  const ofPreconditions = Array.from({ length: count }, (_, index) => {
    const [expected, actual] = [plan.preconditions[index], preconditions[index]];
    const { kind, resource } = expected ?? actual ?? { kind: 'precondition', resource: '' };
    return compareReplay(null, `${kind} ${resource}`, expected ?? null, actual ?? null);
  });
  const again = replayedPlanDigest({ ...plan, diffs: [...diffs], preconditions: [...preconditions] });
  return [compareReplay(null, 'plan digest', digest, again), ...ofPreconditions, ...ofDiffs];
}

/**
 * Replays what a bundle records and says what is equal. `derivedAs` is what the plan's own parts went through when it was
 * made (the worker hides what looks like a credential); without it they are compared as they come.
 *
 * A list of steps has the mode of its weakest. With mode none nothing is done and `matches` is null. Of a run that ended
 * early the whole plan is derived again; results are compared for the steps whose effect was had.
 *
 * @throws ConnectorError, effect none, where it cannot be replayed here: an object that is gone, inputs of another version.
 */
export async function replayRecord(
  target: Pick<ConnectedTarget, 'replay'>,
  actions: ReadonlyMap<string, ActionDefinition>,
  record: ReplayRecord,
  context: WorkContext,
  derivedAs: (derived: Replayed['derived']) => Replayed['derived'] = (derived) => derived,
): Promise<ReplayReport> {
  const cannotBe = noReplay(record);
  if (cannotBe !== null) return cannotBe;
  const { says, derived, compared: results } = await target.replay(subjectOf(record, actions), context);
  const compared = [...comparePlan(record, derivedAs(derived)), ...results];
  const differing = compared.filter(({ equal }) => !equal);
  const same = compared.filter(({ equal }) => equal);
  return {
    mode: planReplay(record.plan),
    says,
    steps: replayedSteps(record),
    matches: differing.length === 0,
    equal: same.length,
    unequal: differing.length,
    compared: [...differing, ...same].slice(0, longestList),
  };
}
