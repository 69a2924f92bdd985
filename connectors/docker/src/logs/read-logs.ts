import {
  interruption,
  LogOutput,
  type ParsedStep,
  type ReadResult,
  type WorkContext,
} from '@countersign/connector-kit';
import type { DockerClient } from '../client.ts';
import { callError } from '../errors.ts';
import { requireContainer } from '../find-container.ts';
import { LogsInputs, logsAction } from '../manifest/logs-action.ts';
import type { DaemonStream } from '../open-stream.ts';
import { readLines } from './lines.ts';
import { openLogs } from './open-logs.ts';
import { sinceParameter } from './since-parameter.ts';

/** Why a log came to its end. */
type Ended = 'end_of_log' | 'container_ended' | 'output_cap' | 'max_duration' | 'cancelled';

/** Before the action's own time limit, so that a long follow ends with its summary and not with an error. */
const maxDurationMs = logsAction.timeoutMs - 5_000;

/**
 * Reads or follows one container's log. A follow that is cancelled or reaches its longest duration answers with what
 * it has, and says so in `summary.ended`; a read that is not at its end then throws E_CANCELLED or E_TIMEOUT.
 */
export async function readLogs(
  client: DockerClient,
  step: ParsedStep,
  nowMs: number,
  context: WorkContext,
): Promise<ReadResult> {
  const inputs = LogsInputs.parse(step.inputs);
  const container = await requireContainer(client, inputs.container, context.signal);
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(maxDurationMs)]);
  const since = inputs.since === undefined ? undefined : sinceParameter(inputs.since, nowMs);
  const stream = await openLogs(client, container.id, { since, tail: inputs.tail, follow: inputs.follow }, signal);
  const output = new LogOutput(context, inputs.timestamps);
  const ended = await pass(stream, output, {
    terminal: container.tty,
    follow: inputs.follow,
    maxLineBytes: context.outputCapBytes,
    signal,
    where: client.where,
  });
  return {
    summary: {
      container: container.name,
      container_id: container.id,
      bytes: output.sizeBytes,
      ...output.summary.toJson(),
      truncated: output.truncated,
      ended,
    },
    artifacts: [
      { name: 'container.log', mediaType: 'text/plain', content: output.content(), truncated: output.truncated },
    ],
  };
}

async function pass(
  stream: DaemonStream,
  output: LogOutput,
  options: { terminal: boolean; follow: boolean; maxLineBytes: number; signal: AbortSignal; where: string },
): Promise<Ended> {
  const { follow, signal, where } = options;
  const what = follow ? 'follow the log' : 'read the log';
  try {
    for await (const lines of readLines(stream.chunks, options)) {
      if (!(await output.add(lines))) return 'output_cap';
      if (signal.aborted) break;
    }
    if (!signal.aborted) return follow ? 'container_ended' : 'end_of_log';
  } catch (cause) {
    if (!signal.aborted) throw callError(cause, { what, where, effect: 'none' });
  } finally {
    stream.close();
  }
  const interrupted = interruption(signal, what, 'none');
  if (!follow) throw interrupted;
  return interrupted.code === 'E_TIMEOUT' ? 'max_duration' : 'cancelled';
}
