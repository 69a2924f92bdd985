import {
  ConnectorError,
  compareReplay,
  fingerprint,
  type Replayed,
  type ReplayStep,
  type ReplaySubject,
} from '@countersign/connector-kit';
import type { Diff, Precondition, ReplayComparison } from '@countersign/protocol';
import { deploymentChange } from '../deployment/change-diff.ts';
import { DeploymentInputs } from '../deployment/deployment-inputs.ts';
import { DeploymentState } from '../deployment/kept-state.ts';
import { ObservedDeployment } from '../deployment/observed.ts';
import { deploymentProblem } from '../deployment/verify-deployment.ts';
import { scaleAction } from '../manifest/write-actions.ts';

function observedFor({ step }: ReplayStep, preconditions: readonly Precondition[]): ObservedDeployment {
  const { deployment, namespace } = DeploymentInputs.parse(step.inputs);
  const all = preconditions.flatMap(({ observed }) => ObservedDeployment.safeParse(observed).data ?? []);
  const found = all
    .filter(({ name }) => name === deployment)
    .filter((each) => namespace === undefined || each.namespace === namespace);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return only;
  throw new ConnectorError(
    'E_TARGET_MISSING',
    `step ${step.index}: the plan holds no one observation of ${deployment}`,
    {
      effect: 'none',
      detail: { next: 'verify the bundle: its plan names every deployment that it changes' },
    },
  );
}

/** What a step makes of a deployment, checked on the two states that the run recorded. */
function compare(each: ReplayStep, was: ObservedDeployment, is: ObservedDeployment): ReplayComparison[] {
  const { index } = each.step;
  const before = DeploymentState.safeParse(each.before).data;
  const after = DeploymentState.safeParse(each.after).data;
  if (before === undefined) return [compareReplay(index, 'recorded state before', 'readable', 'not readable')];
  const compared = [
    compareReplay(index, 'deployment before', before.uid, was.uid),
    compareReplay(index, 'pods before', before.replicas, was.replicas),
    compareReplay(index, 'images before', before.images, was.images),
  ];
  // A person's word on the outcome holds no state to compare.
  if (after === undefined) return compared;
  const moved = each.step.action !== scaleAction.name && after.generation !== before.generation;
  return [
    ...compared,
    compareReplay(index, 'deployment after', after.uid, was.uid),
    compareReplay(index, 'pods after', after.replicas, is.replicas),
    compareReplay(index, 'images after', after.images, is.images),
    compareReplay(index, 'template changed', after.template !== before.template, moved),
    compareReplay(index, 'what does not stand', deploymentProblem(each.step, after, after) ?? 'nothing', 'nothing'),
  ];
}

/**
 * Simulates the changes from the recorded observations: fingerprints and diffs are derived again, and the recorded states are
 * compared with what the steps make of a deployment. No cluster is asked.
 */
export function replay({ plan, steps }: ReplaySubject): Replayed {
  const preconditions = plan.preconditions.map((each) => ({ ...each, fingerprint: fingerprint(each.observed) }));
  const shapes = new Map<string, ObservedDeployment>();
  const diffs: Diff[] = [];
  const compared: ReplayComparison[] = [];
  for (const each of steps) {
    const observed = observedFor(each, plan.preconditions);
    const was = shapes.get(observed.uid) ?? observed;
    const change = deploymentChange(each.step, was);
    if (change === undefined) continue;
    diffs.push(change.diff);
    shapes.set(observed.uid, change.after);
    if (each.applied) compared.push(...compare(each, was, change.after));
  }
  const done = steps.filter(({ applied }) => applied).length;
  return {
    says:
      `simulated: ${done} change(s) of deployments were computed again from the observation that the plan recorded, and ` +
      'compared with the recorded states before and after; no cluster was asked',
    derived: { diffs, preconditions },
    compared,
  };
}
