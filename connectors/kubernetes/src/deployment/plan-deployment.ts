import type { Check, Diff, JsonObject, StepInput } from '@countersign/protocol';
import type { Found, View } from '../change/look.ts';
import { placeOf, titleOf } from '../change/subject.ts';
import { fail, pass, type Verdict, warn } from '../change/verdict.ts';
import {
  RollbackInputs,
  restartAction,
  rollbackAction,
  ScaleInputs,
  SetImageInputs,
  scaleAction,
  setImageAction,
} from '../manifest/write-actions.ts';
import { Deployment } from '../resource/answers.ts';
import { deploymentChange, imageContainer } from './change-diff.ts';
import { deploymentState } from './kept-state.ts';
import type { ObservedDeployment } from './observed.ts';
import { chosenRevision } from './rollback-target.ts';
import { templateDiff } from './template-diff.ts';

/** How a step is taken back, or why it cannot be. */
export type Inverse = StepInput | { readonly reason: string };

/** What one step comes to, on a deployment as the steps before it leave it. */
export interface StepPlan {
  readonly checks: Check[];
  readonly diff: Diff | undefined;
  readonly after: ObservedDeployment;
  readonly inverse: Inverse;
}

/** What is known of the deployment beside its object. */
export interface Surroundings {
  readonly autoscaler: { readonly name: string; readonly min: number; readonly max: number } | undefined;
}

function common(inputs: JsonObject, { namespace }: ObservedDeployment): JsonObject {
  return { deployment: inputs['deployment'] ?? null, namespace };
}

function checksOf(view: View, verdicts: readonly (readonly [string, Verdict])[]): Check[] {
  return verdicts.map(([id, verdict]) => ({ id: `${id}:${placeOf(view.subject)}`, ...verdict }));
}

function notPaused(before: ObservedDeployment, what: string): Verdict {
  if (!before.paused) return pass(`${before.name} is not paused`);
  return fail(`${before.name} is paused: ${what} would have no effect until it is resumed`);
}

function planScale(view: View, before: ObservedDeployment, { autoscaler }: Surroundings): StepPlan {
  const { replicas } = ScaleInputs.parse(view.step.inputs);
  const { name } = before;
  const change = deploymentChange(view.step, before);
  const alone =
    autoscaler === undefined
      ? pass(`no autoscaler that is seen sets the pods of ${name}`)
      : warn(
          `autoscaler ${autoscaler.name} keeps ${name} between ${autoscaler.min} and ${autoscaler.max} pods and will set the number again`,
        );
  return {
    checks: checksOf(view, [
      [
        'changes_something',
        before.replicas === replicas
          ? warn(`${name} has ${replicas} pods already: nothing changes`)
          : pass(`${name} has ${before.replicas} pods`),
      ],
      ['autoscaler', alone],
      [
        'serves',
        replicas === 0 ? warn(`no pod of ${name} will be left to serve`) : pass(`${name} is left with pods that serve`),
      ],
    ]),
    diff: change?.diff,
    after: change?.after ?? before,
    inverse: { action: scaleAction.name, inputs: { ...common(view.step.inputs, before), replicas: before.replicas } },
  };
}

function planRestart(view: View, before: ObservedDeployment): StepPlan {
  const change = deploymentChange(view.step, before);
  const { name, replicas, strategy } = before;
  const serving =
    strategy === 'Recreate'
      ? warn(`${name} is recreated: all of its pods end before new ones start`)
      : pass(`${name} is replaced pod by pod`);
  return {
    checks: checksOf(view, [
      ['not_paused', notPaused(before, 'a restart')],
      ['has_pods', replicas === 0 ? warn(`${name} has no pods to restart`) : pass(`${name} has ${replicas} pods`)],
      ['strategy', serving],
    ]),
    diff: change?.diff,
    after: before,
    inverse: {
      reason: 'A restart cannot be taken back: the processes that ran before are gone, with what they held in memory.',
    },
  };
}

function planImage(view: View, before: ObservedDeployment): StepPlan {
  const { container, image } = SetImageInputs.parse(view.step.inputs);
  const chosen = imageContainer(before, container);
  if ('problem' in chosen) {
    const checks = checksOf(view, [['container', fail(`${before.name}: ${chosen.problem}`)]]);
    return { checks, diff: undefined, after: before, inverse: { reason: chosen.problem } };
  }
  const was = (chosen.list === 'containers' ? before.images : before.init_images)[chosen.name] ?? '';
  const change = deploymentChange(view.step, before);
  const paused = before.paused
    ? warn(`${before.name} is paused: the image is set, and rolled out when it is resumed`)
    : pass(`${before.name} is not paused`);
  return {
    checks: checksOf(view, [
      ['container', pass(`${chosen.name} is a container of ${before.name}`)],
      [
        'changes_something',
        was === image
          ? warn(`${chosen.name} has image ${image} already: nothing changes`)
          : pass(`${chosen.name} has image ${was}`),
      ],
      ['not_paused', paused],
    ]),
    diff: change?.diff,
    after: change?.after ?? before,
    inverse: {
      action: setImageAction.name,
      inputs: { ...common(view.step.inputs, before), container: chosen.name, image: was },
    },
  };
}

function planRollback(view: View, before: ObservedDeployment, found: Extract<Found, { is: 'there' }>): StepPlan {
  const { to_revision } = RollbackInputs.parse(view.step.inputs);
  const present = deploymentState(found.object).revision;
  const target = chosenRevision(view);
  if (target === undefined) {
    const kept = found.revisions.map(({ number }) => number).join(', ');
    const wanted = to_revision === undefined ? 'no revision before the present one' : `no revision ${to_revision}`;
    const checks = checksOf(view, [
      ['revision', fail(`${before.name} keeps ${wanted}; it keeps: ${kept === '' ? 'none' : kept}`)],
    ]);
    return { checks, diff: undefined, after: before, inverse: { reason: 'there is nothing to take back' } };
  }
  const same = target.number === present;
  return {
    checks: checksOf(view, [
      [
        'revision',
        same
          ? fail(`${before.name} is at revision ${present} already`)
          : pass(`${before.name} goes from revision ${present} to ${target.number}`),
      ],
      ['not_paused', notPaused(before, 'a rollback')],
    ]),
    diff: templateDiff(view.step.index, placeOf(view.subject), Deployment.parse(found.object), present, target),
    after: before,
    inverse: { action: rollbackAction.name, inputs: { ...common(view.step.inputs, before), to_revision: present } },
  };
}

/** Plans one step about a deployment that is there. */
export function planDeployment(
  view: View,
  found: Extract<Found, { is: 'there' }>,
  before: ObservedDeployment,
  surroundings: Surroundings,
): StepPlan {
  if (view.step.action === scaleAction.name) return planScale(view, before, surroundings);
  if (view.step.action === restartAction.name) return planRestart(view, before);
  if (view.step.action === setImageAction.name) return planImage(view, before);
  return planRollback(view, before, found);
}

/** The checks of an object that cannot be planned on: it is not there, or may not be looked at. */
export function absenceChecks(view: View, found: Exclude<Found, { is: 'there' }>): Check[] {
  if (found.is === 'missing') {
    const hint = found.nearest.length === 0 ? '' : `; nearest: ${found.nearest.join(', ')}`;
    return checksOf(view, [['exists', fail(`no ${titleOf(view.subject)}${hint}`)]]);
  }
  if (found.is === 'wrong') return checksOf(view, [[found.check, fail(found.problem)]]);
  const why =
    found.why === 'outside'
      ? `namespace ${view.subject.namespace} is none of this target's: widen \`namespaces\` of the target`
      : `the account may not see ${titleOf(view.subject)}`;
  return checksOf(view, [['exists', fail(why)]]);
}
