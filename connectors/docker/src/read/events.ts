import { interruption, type ParsedStep, type ReadResult, type WorkContext } from '@countersign/connector-kit';
import type { JsonObject } from '@countersign/protocol';
import { z } from 'zod';
import type { DockerClient } from '../client.ts';
import { callError } from '../errors.ts';
import { requireContainer } from '../find-container.ts';
import { sinceParameter } from '../logs/since-parameter.ts';
import { EventsInputs, eventsAction } from '../manifest/look-actions.ts';
import type { DaemonStream } from '../open-stream.ts';
import { jsonLines } from './json-lines.ts';
import { JsonOutput } from './json-output.ts';

type Ended = 'end_of_events' | 'output_cap' | 'max_duration' | 'cancelled';

const what = 'read events';
/** Before the action's own time limit, so that a long follow ends with its summary and not with an error. */
const maxDurationMs = eventsAction.timeoutMs - 5_000;
const mostShown = 50;

const EventAnswer = z.object({
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()).nullish() }),
  timeNano: z.number(),
});

/** Attributes that hold no secret: others are the container's labels, and what an exec was told. */
const plainAttributes = ['name', 'image', 'exitCode', 'signal'] as const;

/** One event without what may be secret. `exec_create: COMMAND` says its command: only the word before stays. */
function eventOf(answer: z.infer<typeof EventAnswer>): JsonObject {
  const attributes = answer.Actor.Attributes ?? {};
  const [action = '', rest = ''] = answer.Action.split(': ', 2);
  const isHealth = action === 'health_status';
  return {
    at: new Date(answer.timeNano / 1e6).toISOString(),
    event: isHealth ? `${action}: ${rest}` : action,
    container_id: answer.Actor.ID,
    ...Object.fromEntries(plainAttributes.flatMap((key) => (key in attributes ? [[key, attributes[key] ?? '']] : []))),
  };
}

function counted(values: readonly string[]): JsonObject {
  const counts = new Map<string, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return Object.fromEntries([...counts].sort(([, left], [, right]) => right - left).slice(0, mostShown));
}

async function pass(
  stream: DaemonStream,
  output: JsonOutput,
  events: JsonObject[],
  options: { follow: boolean; signal: AbortSignal; where: string },
): Promise<Ended> {
  const { follow, signal, where } = options;
  try {
    for await (const value of jsonLines(stream.chunks)) {
      const event = eventOf(EventAnswer.parse(value));
      if (!(await output.add(event))) return 'output_cap';
      events.push(event);
    }
    if (!signal.aborted) return 'end_of_events';
  } catch (cause) {
    if (!signal.aborted) throw callError(cause, { what, where, effect: 'none' });
  } finally {
    stream.close();
  }
  const interrupted = interruption(signal, what, 'none');
  if (!follow) throw interrupted;
  return interrupted.code === 'E_TIMEOUT' ? 'max_duration' : 'cancelled';
}

/**
 * Reads or follows what happened to containers. A follow that is cancelled or reaches its longest duration answers with
 * what it has; any other interrupted read throws E_CANCELLED or E_TIMEOUT.
 */
export async function readEvents(
  client: DockerClient,
  step: ParsedStep,
  context: WorkContext,
  now: () => number,
): Promise<ReadResult> {
  const { container, since, follow } = EventsInputs.parse(step.inputs);
  const found = container === undefined ? undefined : await requireContainer(client, container, context.signal);
  const filters = { type: ['container'], ...(found === undefined ? {} : { container: [found.id] }) };
  const query = {
    filters: JSON.stringify(filters),
    since: sinceParameter(since, now()),
    ...(follow ? {} : { until: (now() / 1000).toFixed(3) }),
  };
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(maxDurationMs)]);
  const output = new JsonOutput(context);
  const events: JsonObject[] = [];
  const stream = await client.open(what, { path: '/events', query }, signal);
  const ended = await pass(stream, output, events, { follow, signal, where: client.where });
  return {
    summary: {
      ...(found === undefined ? {} : { container: found.name, container_id: found.id }),
      count: events.length,
      events: counted(events.map(({ event }) => String(event))),
      containers: counted(events.map(({ name, container_id: id }) => String(name ?? id))),
      newest: events.slice(-10),
      truncated: output.truncated,
      ended,
    },
    artifacts: [output.artifact('events.jsonl')],
  };
}
