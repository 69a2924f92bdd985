import { z } from 'zod';
import type { DeploymentState } from './kept-state.ts';

/** A deployment as its precondition keeps it: uid, generation, and the fields of its specification that changes are about. */
export const ObservedDeployment = z.strictObject({
  exists: z.literal(true),
  name: z.string(),
  namespace: z.string(),
  uid: z.string(),
  generation: z.int(),
  replicas: z.int(),
  paused: z.boolean(),
  strategy: z.string(),
  images: z.record(z.string(), z.string()),
  init_images: z.record(z.string(), z.string()),
  template: z.string(),
});
export type ObservedDeployment = z.infer<typeof ObservedDeployment>;

/** Leaves out what the deployment controller adds by and by: the number of the template. */
export function observedDeployment(state: DeploymentState): ObservedDeployment {
  const { revision: _later, restarted_at: _inTemplate, ...fields } = state;
  return { exists: true, ...fields };
}
