import { type ActionDefinition, defineAction, Since } from '@countersign/connector-kit';
import { z } from 'zod';
import type { Verb } from './driver/driver.ts';
import { ServiceName } from './service-name.ts';
import { listWording, logsWording, restartWording, startWording, statusWording, stopWording } from './wording.ts';

export const ListInputs = z.strictObject({
  all: z.boolean().default(false).describe('Also services that do not run.'),
  name: z.string().min(1).max(255).optional().describe('Only services whose name contains this text.'),
});

export const StatusInputs = z.strictObject({ service: ServiceName });

/** Largest number of last lines that may be asked for. */
const maxTail = 100_000;

export const LogsInputs = z.strictObject({
  service: ServiceName,
  follow: z.boolean().default(false).describe('Go on with new lines until cancelled or timed out.'),
  since: Since.optional(),
  tail: z
    .union([z.int().min(0).max(maxTail), z.literal('all')])
    .default(200)
    .describe('How many of the last lines to begin with.'),
  timestamps: z.boolean().default(false).describe('Begin each line with its time, where the log keeps times.'),
});

/** Inputs of the three changes. */
export const ChangeInputs = z.strictObject({
  service: ServiceName,
  stable_seconds: z
    .int()
    .min(1)
    .max(300)
    .default(5)
    .describe(
      'How long the service must stay as it was brought, read again and again, before the change counts as done.',
    ),
});
export type ChangeInputs = z.infer<typeof ChangeInputs>;

const second = 1000;
const mebibyte = 1024 * 1024;

const read = {
  version: 1,
  effect: 'read',
  risk: 'low',
  idempotency: 'target_key',
  replay: 'none',
  follows: false,
} as const;

/** `service.list`: which services there are. */
export const listAction = defineAction({
  ...read,
  name: 'service.list',
  title: 'List services',
  description: 'Lists the services of a host with their states, by its service manager.',
  timeoutMs: 60 * second,
  outputCapBytes: 2 * mebibyte,
  inputs: ListInputs,
  wording: listWording,
});

/** `service.status`: one service in full. */
export const statusAction = defineAction({
  ...read,
  name: 'service.status',
  title: 'Show a service',
  description:
    'Shows what one service does: state, process, start, automatic restarts, how it ended, its last log lines.',
  timeoutMs: 60 * second,
  outputCapBytes: mebibyte,
  inputs: StatusInputs,
  wording: statusWording,
});

/** `service.logs`: lines of one service, with a summary. */
export const logsAction = defineAction({
  ...read,
  name: 'service.logs',
  title: 'Read service logs',
  description: 'Reads or follows the log of one service and sums it up: lines, levels, repeated lines.',
  timeoutMs: 900 * second,
  outputCapBytes: 4 * mebibyte,
  follows: true,
  inputs: LogsInputs,
  wording: logsWording,
});

/** How long the manager may take for one change; the rest of the time limit is for reading it back. */
export const effectTimeoutMs = 600 * second;

const change = {
  version: 1,
  effect: 'write',
  risk: 'medium',
  timeoutMs: effectTimeoutMs + 330 * second,
  outputCapBytes: mebibyte,
  replay: 'simulated',
  follows: false,
  inputs: ChangeInputs,
} as const;

/** `service.restart`: stop and start. No manager can refuse a second one, so never twice. */
export const restartAction = defineAction({
  ...change,
  name: 'service.restart',
  title: 'Restart a service',
  description: 'Stops one service and starts it again, and sees that a new process stays up.',
  idempotency: 'none',
  wording: restartWording,
});

/** `service.start`: a manager that is asked to start what runs does nothing. */
export const startAction = defineAction({
  ...change,
  name: 'service.start',
  title: 'Start a service',
  description: 'Starts one service that does not run, and sees that it stays up.',
  idempotency: 'guard',
  wording: startWording,
});

/** `service.stop`: a manager that is asked to stop what does not run does nothing. */
export const stopAction = defineAction({
  ...change,
  name: 'service.stop',
  title: 'Stop a service',
  description: 'Stops one service, and sees that nothing starts it again.',
  idempotency: 'guard',
  wording: stopWording,
});

export const actions: readonly ActionDefinition[] = [
  listAction,
  statusAction,
  logsAction,
  restartAction,
  startAction,
  stopAction,
];

const verbs: ReadonlyMap<string, Verb> = new Map([
  [restartAction.name, 'restart'],
  [startAction.name, 'start'],
  [stopAction.name, 'stop'],
]);

/** What a writing action does; undefined for any other action. */
export function verbOf(action: string): Verb | undefined {
  return verbs.get(action);
}

/** Services are listed by `service.list`, those that do not run too. */
export const inventory = [
  {
    entity: 'service',
    action: listAction.name,
    inputs: { all: true },
    list: 'services',
    name: 'name',
    aliases: ['short_name'],
    labels: 'labels',
  },
];
