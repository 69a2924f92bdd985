import { defineAction, Since } from '@countersign/connector-kit';
import { ContainerName } from '@countersign/transport';
import { z } from 'zod';

const ContainerReference = ContainerName.meta({
  description: 'Name, id, or unambiguous beginning of the id.',
  'x-entity': 'container',
});

export const ListInputs = z.strictObject({
  all: z.boolean().default(false).describe('Also containers that do not run.'),
  name: z.string().min(1).max(128).optional().describe('Only containers whose name contains this text.'),
});

/** Largest number of last lines that may be asked for. */
const maxTail = 100_000;

export const LogsInputs = z.strictObject({
  container: ContainerReference,
  follow: z
    .boolean()
    .default(false)
    .describe('Go on with new lines until cancelled, timed out, or the container ends.'),
  since: Since.optional(),
  tail: z
    .union([z.int().min(0).max(maxTail), z.literal('all')])
    .default(200)
    .describe('How many of the last lines to begin with.'),
  timestamps: z.boolean().default(false).describe("Begin each line with the daemon's time stamp."),
});

export const RestartInputs = z.strictObject({
  container: ContainerReference,
  stop_timeout_seconds: z.int().min(0).max(300).default(10).describe('Seconds to stop by itself before it is killed.'),
});

export type RestartInputs = z.infer<typeof RestartInputs>;

const second = 1000;
const mebibyte = 1024 * 1024;

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

/** `docker.logs`: lines of one container, with a summary. */
export const logsAction = defineAction({
  name: 'docker.logs',
  version: 1,
  title: 'Read container logs',
  description: 'Reads or follows the log of one container and sums it up: lines, levels, repeated lines.',
  effect: 'read',
  risk: 'low',
  timeoutMs: 900 * second,
  outputCapBytes: 4 * mebibyte,
  idempotency: 'target_key',
  replay: 'none',
  follows: true,
  inputs: LogsInputs,
  wording: {
    verbs: ['show', 'follow'],
    nouns: ['log', 'lines', 'lineas'],
    asks: [
      'docker logs',
      'what did log',
      'what prints',
      'what does print',
      'what is logging',
      'tail {follow=true}',
      'follow {follow=true}',
      'watch {follow=true}',
      'sigue {follow=true}',
      'seguir {follow=true}',
    ],
    details: [
      'last {tail} lines',
      'last {tail} log lines',
      'last {tail}',
      '{tail} lines',
      '{tail} log lines',
      'all log lines {tail=all}',
      'all lines {tail=all}',
      'every line {tail=all}',
      'ultimas {tail} lineas',
      '{tail} lineas',
      'todas lineas {tail=all}',
      'since {since}',
      'since {since} ago',
      'last {since}',
      'past {since}',
      'desde hace {since}',
      'desde {since}',
      'ultimos {since}',
      'ultimas {since}',
      'ultima {since}',
      'ultimo {since}',
      'live {follow=true}',
      'en vivo {follow=true}',
      'with timestamps {timestamps=true}',
      'timestamps {timestamps=true}',
      'con marcas de tiempo {timestamps=true}',
      'marcas de tiempo {timestamps=true}',
    ],
  },
});

/** `docker.restart_container`: stop and start one container. Docker cannot refuse a second restart, so never twice. */
export const restartAction = defineAction({
  name: 'docker.restart_container',
  version: 1,
  title: 'Restart a container',
  description: 'Stops one container (then kills it after the stop timeout) and starts it again.',
  effect: 'write',
  risk: 'medium',
  timeoutMs: 420 * second,
  outputCapBytes: mebibyte,
  idempotency: 'none',
  replay: 'simulated',
  follows: false,
  inputs: RestartInputs,
  wording: {
    verbs: ['restart'],
    nouns: ['container'],
    asks: ['needs a restart', 'give a restart', 'need restarted', 'dale un reinicio', 'necesita un reinicio'],
    details: [
      'stop timeout {stop_timeout_seconds}',
      'timeout {stop_timeout_seconds}',
      'grace period {stop_timeout_seconds}',
      'wait {stop_timeout_seconds} before killing it',
      'wait {stop_timeout_seconds}',
      'give it {stop_timeout_seconds} to stop',
      'tiempo de espera {stop_timeout_seconds}',
      'espera {stop_timeout_seconds} antes de matarlo',
      'espera {stop_timeout_seconds}',
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
  },
];
