import { fingerprint, type Replayed, type ReplaySubject } from '@countersign/connector-kit';
import { changeOf } from './change/changes.ts';
import { Facts } from './observed.ts';

/**
 * Simulates changes from the recorded observations: their fingerprints and diffs are derived again, and the recorded
 * states are compared with what each change makes of a container. No daemon is asked and no container touched.
 */
export function replay({ plan, steps }: ReplaySubject): Replayed {
  const preconditions = plan.preconditions.map((each) => ({ ...each, fingerprint: fingerprint(each.observed) }));
  const facts = new Facts(plan.preconditions);
  const replayed = steps.map(({ step, before, after, applied }) => {
    const change = changeOf(step.action);
    return { diff: change.diff(step, facts), compared: applied ? change.compare(step, { before, after }, facts) : [] };
  });
  const done = steps.filter(({ applied }) => applied).length;
  return {
    says:
      `simulated: the state transition of ${done} step(s) was computed again from the observation that the plan ` +
      'recorded, and compared with the recorded states before and after; no container was touched',
    derived: { diffs: replayed.map(({ diff }) => diff), preconditions },
    compared: replayed.flatMap(({ compared }) => compared),
  };
}
