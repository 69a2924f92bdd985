import { fingerprint, type Observation, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { JsonObject, Precondition } from '@countersign/protocol';
import type { DockerClient } from './client.ts';
import { type Found, findContainer } from './find-container.ts';
import { guardOf } from './kept-state.ts';
import { RestartInputs } from './manifest.ts';

/** One step of the list with the container it is about. */
export interface StepView {
  readonly step: ParsedStep;
  readonly inputs: RestartInputs;
  readonly found: Found;
}

/** One look at everything a list of steps is about. */
export async function look(
  client: DockerClient,
  steps: readonly ParsedStep[],
  signal: AbortSignal,
): Promise<{ identity: string; views: StepView[] }> {
  const identity = `docker:${await client.daemonId(signal)}`;
  const views: StepView[] = [];
  for (const step of steps) {
    const inputs = RestartInputs.parse(step.inputs);
    views.push({ step, inputs, found: await findContainer(client, inputs.container, signal) });
  }
  return { identity, views };
}

function observedFields(found: Found): JsonObject {
  if (found.container === undefined) return { exists: false };
  const { id, name, imageDigest, imageName, restartPolicy, state } = found.container;
  return { exists: true, id, name, image: imageName, image_digest: imageDigest, restart_policy: restartPolicy, state };
}

/** One precondition for each different container, in the order of the steps; a missing one is a precondition too. */
export function preconditionsOf(views: readonly StepView[]): Precondition[] {
  const byResource = new Map<string, Precondition>();
  for (const { found } of views) {
    const observed = observedFields(found);
    const resource = `containers/${found.container?.name ?? found.reference}`;
    byResource.set(resource, { resource, kind: 'docker.container', fingerprint: fingerprint(observed), observed });
  }
  return [...byResource.values()];
}

/** What a run compares with its plan, and the guard for the first restart. */
export async function observe(
  client: DockerClient,
  steps: readonly ParsedStep[],
  context: WorkContext,
): Promise<Observation> {
  const { identity, views } = await look(client, steps, context.signal);
  const containers = views.flatMap(({ found }) => (found.container === undefined ? [] : [found.container]));
  const different = new Map(containers.map((container) => [container.id, container]));
  return { identity, preconditions: preconditionsOf(views), guard: guardOf([...different.values()]) };
}
