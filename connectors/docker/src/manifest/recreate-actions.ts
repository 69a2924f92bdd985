import { defineAction } from '@countersign/connector-kit';
import { ContainerName } from '@countersign/transport';
import { z } from 'zod';
import { ContainerReference, ImageReference, mebibyte, StopTimeoutSeconds, second } from './inputs.ts';

const HealthySeconds = z
  .int()
  .min(1)
  .max(600)
  .default(60)
  .describe('Seconds in which the new container must become healthy.');

export const RecreateInputs = z.strictObject({
  container: ContainerReference,
  image: ImageReference,
  stop_timeout_seconds: StopTimeoutSeconds,
  healthy_within_seconds: HealthySeconds,
});
export type RecreateInputs = z.infer<typeof RecreateInputs>;

export const KeepInputs = z.strictObject({
  container: ContainerReference,
  stop_timeout_seconds: StopTimeoutSeconds,
  healthy_within_seconds: HealthySeconds,
});
export type KeepInputs = z.infer<typeof KeepInputs>;

export const RestoreInputs = z.strictObject({
  container: ContainerReference,
  kept: ContainerName.meta({
    description: 'The container that was kept aside.',
  }),
  stop_timeout_seconds: StopTimeoutSeconds,
});
export type RestoreInputs = z.infer<typeof RestoreInputs>;

/** The step that `docker.recreate_with_image` is always followed by. */
export const keepAction = defineAction({
  name: 'docker.keep_if_healthy',
  version: 1,
  title: 'Keep a recreated container, or put the old one back',
  description:
    'Waits until a container that the step before recreated is healthy. If it is not in time, puts the old container back, starts it, and fails.',
  effect: 'write',
  risk: 'medium',
  timeoutMs: 1000 * second,
  outputCapBytes: mebibyte,
  idempotency: 'target_key',
  replay: 'simulated',
  follows: false,
  inputs: KeepInputs,
  wording: { verbs: ['docker keep if healthy'] },
});

/** `docker.recreate_with_image`: the same container from another image. The old one is kept aside, stopped. */
export const recreateAction = defineAction({
  name: 'docker.recreate_with_image',
  version: 1,
  title: 'Recreate a container with another image',
  description:
    'Replaces one container by one of another image with the same settings and volumes. An unhealthy one gives way to the old one again.',
  effect: 'write',
  risk: 'high',
  timeoutMs: 480 * second,
  outputCapBytes: mebibyte,
  idempotency: 'target_key',
  replay: 'simulated',
  follows: false,
  inputs: RecreateInputs,
  compensation: {
    action: keepAction.name,
    inputs: ['container', 'stop_timeout_seconds', 'healthy_within_seconds'],
  },
  wording: {
    verbs: ['recreate'],
    nouns: ['container'],
    asks: ['recreate', 'redeploy', 'recrea', 'vuelve a crear'],
    details: [
      'with image {image}',
      'with the image {image}',
      'from image {image}',
      'with {image}',
      'from {image}',
      'con imagen {image}',
      'con {image}',
      'stop timeout {stop_timeout_seconds}',
      'healthy within {healthy_within_seconds}',
    ],
  },
});

/** `docker.restore_container`: the way back of a recreation. */
export const restoreAction = defineAction({
  name: 'docker.restore_container',
  version: 1,
  title: 'Put a kept container back',
  description: 'Puts a container that was kept aside back in the place of a recreated one.',
  effect: 'write',
  risk: 'high',
  timeoutMs: 480 * second,
  outputCapBytes: mebibyte,
  idempotency: 'none',
  replay: 'simulated',
  follows: false,
  inputs: RestoreInputs,
  wording: { asks: ['docker restore'], details: ['kept {kept}', 'from {kept}'] },
});
