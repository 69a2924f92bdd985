import { defineAction } from '@countersign/connector-kit';
import { z } from 'zod';
import { mebibyte, second } from './inputs.ts';

export const ListInputs = z.strictObject({
  all: z.boolean().default(false).describe('Also containers that do not run.'),
  name: z.string().min(1).max(128).optional().describe('Only containers whose name contains this text.'),
});

/** `docker.list`: which containers there are. */
export const listAction = defineAction({
  name: 'docker.list',
  version: 1,
  title: 'List containers',
  description: 'Lists the containers of the Docker daemon with image, state and status.',
  effect: 'read',
  risk: 'low',
  timeoutMs: 30 * second,
  outputCapBytes: 2 * mebibyte,
  idempotency: 'target_key',
  replay: 'none',
  follows: false,
  inputs: ListInputs,
  wording: {
    verbs: ['list', 'show'],
    nouns: ['container'],
    asks: [
      'docker ps',
      'docker ps -a {all=true}',
      'what containers are running',
      'which containers are running',
      'what containers are there',
      'which containers are there',
      'are there stopped containers {all=true}',
      'what is running',
      'que contenedores hay',
      'que contenedores corren',
    ],
    details: [
      'all containers {all=true}',
      'including stopped {all=true}',
      'including stopped ones {all=true}',
      'stopped ones {all=true}',
      'stopped {all=true}',
      'todos contenedores {all=true}',
      'tambien los parados {all=true}',
      'los parados {all=true}',
      'running',
      'whose name contains {name}',
      'name contains {name}',
      'named like {name}',
      'cuyo nombre contiene {name}',
    ],
  },
});

/** Containers are listed by `docker.list`, those that do not run too. */
export const inventory = [
  {
    entity: 'container',
    action: listAction.name,
    inputs: { all: true },
    list: 'containers',
    name: 'name',
    aliases: ['id'],
    labels: 'labels',
  },
];
