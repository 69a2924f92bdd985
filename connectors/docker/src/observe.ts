import type { Observation, ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Precondition } from '@countersign/protocol';
import { z } from 'zod';
import type { StepView } from './change/change.ts';
import { changeOf } from './change/changes.ts';
import type { DockerClient } from './client.ts';
import { findContainer } from './find-container.ts';
import { type Guard, guardEntry } from './kept-state.ts';
import { containerPrecondition, imagePrecondition } from './observed.ts';

/** Every action that changes something names its container so. */
const ContainerInput = z.looseObject({ container: z.string() });

/** One look at everything a list of steps is about. */
export async function look(
  client: DockerClient,
  steps: readonly ParsedStep[],
  signal: AbortSignal,
): Promise<{ identity: string; views: StepView[] }> {
  const changes = steps.map((step) => ({ step, change: changeOf(step.action) }));
  const identity = `docker:${await client.daemonId(signal)}`;
  const views: StepView[] = [];
  for (const { step, change } of changes) {
    const found = await findContainer(client, ContainerInput.parse(step.inputs).container, signal);
    views.push({ step, found, ...(await change.look(client, step, found, signal)) });
  }
  return { identity, views };
}

/** One precondition for each different container and image, in the order of the steps; a missing one is one too. */
export function preconditionsOf(views: readonly StepView[]): Precondition[] {
  const all = views.flatMap(({ found, other, images }) => [
    containerPrecondition(found),
    ...(other === undefined ? [] : [containerPrecondition(other)]),
    ...images.map(imagePrecondition),
  ]);
  return [...new Map(all.map((each) => [each.resource, each])).values()];
}

function guardOf(views: readonly StepView[]): Guard {
  const containers = views.flatMap(({ found, other }) => [found.container ?? [], other?.container ?? []].flat());
  const images = views.flatMap(({ images: each }) =>
    each.flatMap(({ reference, image }) => (image === undefined ? [] : { reference, digest: image.digest })),
  );
  return {
    containers: [...new Map(containers.map((each) => [each.id, guardEntry(each)])).values()],
    images: [...new Map(images.map((each) => [each.reference, each])).values()],
    recreated: [],
  };
}

/** What a run compares with its plan, and the guard for the first change. */
export async function observe(
  client: DockerClient,
  steps: readonly ParsedStep[],
  context: WorkContext,
): Promise<Observation> {
  const { identity, views } = await look(client, steps, context.signal);
  return { identity, preconditions: preconditionsOf(views), guard: guardOf(views) };
}
