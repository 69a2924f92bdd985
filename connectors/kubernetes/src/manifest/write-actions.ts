import { defineAction } from '@countersign/connector-kit';
import { z } from 'zod';
import { DeploymentInput, mebibyte, NamespaceInput, ObjectName, second } from './names.ts';
import { applyWording, restartWording, rollbackWording, scaleWording, setImageWording } from './write-wording.ts';

/** How long a rollout may be waited for, and how long it is unless told, in seconds. */
const longestWait = 3600;
const defaultWait = 300;

export const WaitInput = z
  .int()
  .min(0)
  .max(longestWait)
  .default(defaultWait)
  .describe('Seconds in which the rollout must be at its end, or the step has failed; 0 does not wait.');

const deploymentInputs = { deployment: DeploymentInput, namespace: NamespaceInput, wait_seconds: WaitInput };

export const ScaleInputs = z.strictObject({
  ...deploymentInputs,
  replicas: z.int().min(0).max(1000).describe('How many pods there are to be.'),
});

export const RestartInputs = z.strictObject(deploymentInputs);

/** Name of an image as registries take it: no spaces, no leading dash. */
const ImageInput = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[A-Za-z0-9][A-Za-z0-9._:/@-]*$/, 'use an image such as registry.example/web:1.2 or one with its digest')
  .describe('The image, with its tag or digest.');

export const SetImageInputs = z.strictObject({
  ...deploymentInputs,
  image: ImageInput,
  container: ObjectName.optional().describe('Container of the pod template; needed where it has several.'),
});

export const RollbackInputs = z.strictObject({
  ...deploymentInputs,
  to_revision: z.int().min(1).optional().describe("Revision to go back to; left out: the one before today's."),
});

const write = {
  effect: 'write',
  idempotency: 'guard',
  version: 1,
  timeoutMs: (longestWait + 120) * second,
  outputCapBytes: mebibyte,
  follows: false,
} as const;

/** `k8s.scale_deployment`: how many pods a deployment has. */
export const scaleAction = defineAction({
  ...write,
  name: 'k8s.scale_deployment',
  title: 'Scale a deployment',
  description: 'Sets how many pods a deployment has, and waits until they are there.',
  risk: 'medium',
  replay: 'simulated',
  inputs: ScaleInputs,
  wording: scaleWording,
});

/** `k8s.rollout_restart`: new pods for old ones, by the deployment's own strategy. */
export const restartAction = defineAction({
  ...write,
  name: 'k8s.rollout_restart',
  title: 'Restart the pods of a deployment',
  description: "Replaces the pods of a deployment by new ones, as its strategy says, and waits for the rollout's end.",
  risk: 'medium',
  replay: 'simulated',
  inputs: RestartInputs,
  wording: restartWording,
});

/** `k8s.set_image`: another image for one container of a deployment. */
export const setImageAction = defineAction({
  ...write,
  name: 'k8s.set_image',
  title: 'Set the image of a deployment',
  description: "Sets the image of one container of a deployment, and waits for the rollout's end.",
  risk: 'medium',
  replay: 'simulated',
  inputs: SetImageInputs,
  wording: setImageWording,
});

/** `k8s.rollback`: an earlier revision of a deployment again. */
export const rollbackAction = defineAction({
  ...write,
  name: 'k8s.rollback',
  title: 'Roll a deployment back',
  description: "Gives a deployment the pod template of an earlier revision, and waits for the rollout's end.",
  risk: 'medium',
  replay: 'none',
  inputs: RollbackInputs,
  wording: rollbackWording,
});

/** Longest manifest in characters; the API takes objects of up to 1.5 MiB, people read less. */
const longestManifest = 256 * 1024;

export const ApplyInputs = z.strictObject({
  manifest: z
    .string()
    .min(1)
    .max(longestManifest)
    .meta({ description: 'One object as YAML or JSON, with apiVersion, kind and metadata.name.', 'x-content': true }),
  namespace: NamespaceInput,
  force: z.boolean().default(false).describe('Take over fields that others own; the plan names them.'),
  wait_seconds: WaitInput,
});

/** `k8s.apply`: one object as its manifest says, by server-side apply. */
export const applyAction = defineAction({
  ...write,
  name: 'k8s.apply',
  title: 'Apply a manifest',
  description:
    'Makes one object as its manifest says, by server-side apply, and waits for the rollout of a deployment.',
  risk: 'high',
  replay: 'none',
  inputs: ApplyInputs,
  wording: applyWording,
});
