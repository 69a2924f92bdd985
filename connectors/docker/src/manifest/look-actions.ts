import { defineAction, Since } from '@countersign/connector-kit';
import { z } from 'zod';
import { ContainerReference, mebibyte, second } from './inputs.ts';

export const InspectInputs = z.strictObject({ container: ContainerReference });

/** `docker.inspect`: what one container is made of. */
export const inspectAction = defineAction({
  name: 'docker.inspect',
  version: 1,
  title: 'Inspect a container',
  description:
    'Shows how one container is set up: image, state, health, limits, mounts, ports, networks. Secrets are withheld.',
  effect: 'read',
  risk: 'low',
  timeoutMs: 30 * second,
  outputCapBytes: mebibyte,
  idempotency: 'target_key',
  replay: 'none',
  follows: false,
  inputs: InspectInputs,
  wording: {
    verbs: ['inspect', 'describe'],
    nouns: ['container', 'details'],
    asks: ['docker inspect', 'inspecciona', 'detalles'],
  },
});

/** Most samples that may be asked for: one a second. */
const maxSamples = 600;

export const StatsInputs = z.strictObject({
  container: ContainerReference,
  samples: z.int().min(1).max(maxSamples).default(1).describe('How many, one a second.'),
});

/** `docker.stats`: what one container uses. */
export const statsAction = defineAction({
  name: 'docker.stats',
  version: 1,
  title: 'Measure a container',
  description: 'Measures what one running container uses: CPU, memory, network, disks, processes.',
  effect: 'read',
  risk: 'low',
  timeoutMs: 660 * second,
  outputCapBytes: mebibyte,
  idempotency: 'target_key',
  replay: 'none',
  follows: false,
  inputs: StatsInputs,
  wording: {
    nouns: ['stats', 'cpu usage', 'memory usage', 'resource usage', 'consumo'],
    asks: [
      'docker stats',
      'how much memory uses',
      'how much memory does use',
      'how much cpu uses',
      'how much cpu does use',
    ],
    details: ['{samples} samples', '{samples} times'],
  },
});

export const EventsInputs = z.strictObject({
  container: ContainerReference.optional(),
  since: Since.default('1h'),
  follow: z.boolean().default(false).describe('Go on with new events.'),
});

/** `docker.events`: what happened to containers. */
export const eventsAction = defineAction({
  name: 'docker.events',
  version: 1,
  title: 'Read events of containers',
  description:
    'Reads or follows what happened to containers: created, started, died, health changed. Only the newest 256 are kept.',
  effect: 'read',
  risk: 'low',
  timeoutMs: 900 * second,
  outputCapBytes: mebibyte,
  idempotency: 'target_key',
  replay: 'none',
  follows: true,
  inputs: EventsInputs,
  wording: {
    nouns: ['docker events', 'container events'],
    asks: ['docker events', 'what happened to container', 'eventos de docker'],
    details: ['since {since}', 'since {since} ago', 'last {since}', 'desde hace {since}', 'live {follow=true}'],
  },
});
