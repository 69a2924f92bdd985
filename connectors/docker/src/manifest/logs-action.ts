import { defineAction, Since } from '@countersign/connector-kit';
import { z } from 'zod';
import { ContainerReference, mebibyte, second } from './inputs.ts';

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
