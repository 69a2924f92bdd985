import type { ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Check, PlannedContent, RollbackPlan, Volatile } from '@countersign/protocol';
import { planApply } from '../apply/plan-apply.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { autoscalerOf } from '../deployment/autoscaler.ts';
import { deploymentState } from '../deployment/kept-state.ts';
import { type ObservedDeployment, observedDeployment } from '../deployment/observed.ts';
import { absenceChecks, type Inverse, planDeployment, type StepPlan } from '../deployment/plan-deployment.ts';
import { rolloutOf } from '../deployment/rollout.ts';
import { applyAction, rollbackAction, scaleAction } from '../manifest/write-actions.ts';
import { Deployment } from '../resource/answers.ts';
import type { Scope } from '../resource/scope.ts';
import { type Found, look, type View } from './look.ts';
import { preconditionsOf } from './observe.ts';
import { RightsBook } from './rights-book.ts';
import { placeOf, titleOf } from './subject.ts';
import { fail, pass } from './verdict.ts';

function ageing(found: Extract<Found, { is: 'there' }>, view: View): Volatile {
  const deployment = Deployment.parse(found.object);
  const title = titleOf(view.subject);
  const { message, done } = rolloutOf(deployment);
  return [
    { label: `${title}: rollout`, value: done ? 'at its end' : message },
    { label: `${title}: ready pods`, value: `${deployment.status.readyReplicas} of ${deployment.spec.replicas}` },
    { label: `${title}: revision`, value: String(deploymentState(found.object).revision) },
  ];
}

/** The way back of a whole list: the inverses in reverse order, or the first reason why there is none. */
function rollbackOf(inverses: readonly { undoes: number; inverse: Inverse }[]): RollbackPlan {
  for (const { inverse } of inverses) if ('reason' in inverse) return { possible: false, reason: inverse.reason };
  const steps = inverses
    .toReversed()
    .flatMap(({ undoes, inverse }) => ('reason' in inverse ? [] : [{ ...inverse, undoes }]));
  if (steps.length === 0) return { possible: false, reason: 'Nothing of this plan can be done.' };
  return { possible: true, summary: `${steps.length} step(s) set back what stood before`, steps };
}

/** Only fields that a step sets by itself can be set twice in a list: a whole template cannot. */
function aloneCheck(view: View, views: readonly View[]): Check | undefined {
  const place = placeOf(view.subject);
  const others = views.filter((each) => each !== view && placeOf(each.subject) === place);
  if (view.step.action !== rollbackAction.name && view.step.action !== applyAction.name) return undefined;
  const id = `alone:${place}`;
  if (others.length === 0) return { id, ...pass(`no other step changes ${titleOf(view.subject)}`) };
  return {
    id,
    ...fail(`${titleOf(view.subject)} is changed by another step too: give this step an operation of its own`),
  };
}

/** The same check of two steps is one. */
function distinct(checks: readonly Check[]): Check[] {
  return [...new Map(checks.map((check) => [JSON.stringify(check), check])).values()];
}

/** Plans a list of changes; several steps about one deployment are planned on what the earlier ones make of it. */
export async function plan(
  client: KubernetesClient,
  scope: Scope,
  steps: readonly ParsedStep[],
  context: WorkContext,
): Promise<PlannedContent> {
  const { signal } = context;
  const { identity, views } = await look(client, scope, steps, signal);
  const rights = new RightsBook(client, signal);
  const shapes = new Map<string, ObservedDeployment>();
  const checks: Check[] = [];
  const inverses: { undoes: number; inverse: Inverse }[] = [];
  const diffs: PlannedContent['diffs'] = [];
  const volatile: Volatile = [];
  for (const view of views) {
    const { found, step, subject } = view;
    const asks = found.is !== 'wrong' && (found.is !== 'hidden' || found.why === 'forbidden');
    if (asks) checks.push(...(await rights.checks(view)));
    const alone = aloneCheck(view, views);
    if (alone !== undefined) checks.push(alone);
    const applies = step.action === applyAction.name && (found.is === 'there' || found.is === 'missing');
    if (applies) {
      const applied = await planApply(client, view, signal);
      checks.push(...applied.checks);
      inverses.push({ undoes: step.index, inverse: applied.inverse });
      if (applied.diff !== undefined) diffs.push(applied.diff);
      continue;
    }
    if (found.is !== 'there') {
      checks.push(...absenceChecks(view, found));
      inverses.push({ undoes: step.index, inverse: { reason: `There is no ${titleOf(subject)} to change.` } });
      continue;
    }
    const before = shapes.get(placeOf(subject)) ?? observedDeployment(deploymentState(found.object));
    const autoscaler =
      step.action === scaleAction.name ? await autoscalerOf(client, before.namespace, before.name, signal) : undefined;
    const planned: StepPlan = planDeployment(view, found, before, { autoscaler });
    shapes.set(placeOf(subject), planned.after);
    checks.push(...planned.checks);
    inverses.push({ undoes: step.index, inverse: planned.inverse });
    if (planned.diff !== undefined) diffs.push(planned.diff);
    volatile.push(...ageing(found, view));
  }
  return {
    identity,
    preconditions: preconditionsOf(views),
    diffs,
    checks: distinct(checks),
    rollback: rollbackOf(inverses),
    volatile: [...new Map(volatile.map((each) => [each.label, each])).values()],
  };
}
