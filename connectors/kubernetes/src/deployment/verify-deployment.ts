import type { Applied, ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import type { Subject } from '../change/subject.ts';
import type { KubernetesClient } from '../client/kubernetes-client.ts';
import { restartAction, ScaleInputs, SetImageInputs, scaleAction, setImageAction } from '../manifest/write-actions.ts';
import { imageContainer } from './change-diff.ts';
import { DeploymentInputs } from './deployment-inputs.ts';
import { followRollout } from './follow-rollout.ts';
import { DeploymentState } from './kept-state.ts';

/** What of a step does not stand in a deployment any more; undefined if all of it does. */
export function deploymentProblem(
  step: Pick<ParsedStep, 'action' | 'inputs'>,
  after: DeploymentState,
  now: DeploymentState,
): string | undefined {
  if (now.uid !== after.uid) return 'was replaced by another one';
  if (step.action === scaleAction.name) {
    const { replicas } = ScaleInputs.parse(step.inputs);
    return now.replicas === replicas ? undefined : `was scaled to ${now.replicas} instead of ${replicas}`;
  }
  if (step.action === restartAction.name) {
    return now.restarted_at === after.restarted_at ? undefined : 'does not show the restart any more';
  }
  if (step.action === setImageAction.name) {
    const { container, image } = SetImageInputs.parse(step.inputs);
    const chosen = imageContainer(now, container);
    if ('problem' in chosen) return chosen.problem;
    const is = (chosen.list === 'containers' ? now.images : now.init_images)[chosen.name];
    return is === image ? undefined : `has image ${is} in ${chosen.name} instead of ${image}`;
  }
  return now.template === after.template ? undefined : 'has another pod template than the one it was rolled back to';
}

/** Reads back that the change stands, and follows the rollout to its end. Throws E_VERIFY. */
export async function verifyDeployment(
  client: KubernetesClient,
  step: ParsedStep,
  subject: Subject,
  applied: Applied,
  context: WorkContext,
): Promise<Json> {
  const after = DeploymentState.parse(applied.after);
  const { wait_seconds } = DeploymentInputs.parse(step.inputs);
  const problem = (now: DeploymentState): string | undefined => deploymentProblem(step, after, now);
  return await followRollout(client, { subject, waitSeconds: wait_seconds, problem }, context);
}
