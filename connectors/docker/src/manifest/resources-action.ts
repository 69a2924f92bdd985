import { defineAction } from '@countersign/connector-kit';
import { z } from 'zod';
import { ContainerReference, mebibyte, second } from './inputs.ts';

/** Docker takes no limit back: memory and CPUs can be changed, and set where there was none. */
export const ResourcesInputs = z
  .strictObject({
    container: ContainerReference,
    memory_mebibytes: z.int().min(6).max(16_777_216).optional().describe('Largest memory in MiB.'),
    cpus: z.number().min(0.01).max(4096).optional().describe('Most CPUs, such as 0.5.'),
    pids_limit: z.int().min(0).max(4_194_304).optional().describe('Most processes; 0 for no limit.'),
  })
  .refine(
    ({ memory_mebibytes: memory, cpus, pids_limit: pids }) => (memory ?? cpus ?? pids) !== undefined,
    'give memory_mebibytes, cpus or pids_limit',
  )
  .meta({ minProperties: 2 });
export type ResourcesInputs = z.infer<typeof ResourcesInputs>;

/** `docker.set_resources`: limits of a container, changed while it runs. */
export const resourcesAction = defineAction({
  name: 'docker.set_resources',
  version: 1,
  title: 'Set the limits of a container',
  description: 'Sets how much memory, CPU and processes one running container may use.',
  effect: 'write',
  risk: 'medium',
  timeoutMs: 60 * second,
  outputCapBytes: mebibyte,
  idempotency: 'none',
  replay: 'simulated',
  follows: false,
  inputs: ResourcesInputs,
  wording: {
    verbs: ['limit'],
    nouns: ['container'],
    asks: ['docker update', 'set limits', 'set memory limit', 'set cpu limit', 'give more memory', 'pon limites'],
    details: [
      'to {memory_mebibytes} mib',
      'to {memory_mebibytes} mib of memory',
      'memory {memory_mebibytes} mib',
      'memory limit {memory_mebibytes} mib',
      '{memory_mebibytes} mib of memory',
      '{memory_mebibytes} mib',
      'to {cpus} cpus',
      'cpu limit {cpus}',
      '{cpus} cpus',
      'at most {pids_limit} processes',
      '{pids_limit} processes',
      'a {memory_mebibytes} mib',
      'memoria {memory_mebibytes} mib',
      'a {cpus} cpus',
    ],
  },
});
