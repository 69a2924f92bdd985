import {
  interruption,
  type LogLine,
  LogOutput,
  type ParsedStep,
  type ReadResult,
  sinceNanoseconds,
  type WorkContext,
} from '@countersign/connector-kit';
import { requireService } from '../change/find-service.ts';
import type { Driver, LogProgram } from '../driver/driver.ts';
import type { Host } from '../host/host.ts';
import { LogsInputs, logsAction } from '../manifest.ts';
import { readLines } from './read-lines.ts';

/** Why a log came to its end. */
type Ended = 'end_of_log' | 'output_cap' | 'max_duration' | 'cancelled';

/** Before the action's own time limit, so that a long follow ends with its summary and not with an error. */
const maxDurationMs = logsAction.timeoutMs - 10_000;
const shortReadMs = 120_000;

/**
 * Reads or follows one service's log. A follow that is cancelled or reaches its longest duration answers with what it has,
 * and says so in `summary.ended`; a read that is not at its end then throws E_CANCELLED or E_TIMEOUT.
 */
export async function readLogs(
  host: Host,
  driver: Driver,
  step: ParsedStep,
  nowMs: number,
  context: WorkContext,
): Promise<ReadResult> {
  const { service: asked, since, tail, follow, timestamps } = LogsInputs.parse(step.inputs);
  const service = await requireService(driver, asked, context.signal);
  const sinceSeconds = since === undefined ? undefined : Number(sinceNanoseconds(since, nowMs) / 1_000_000_000n);
  const program = driver.log(service, { tail, sinceSeconds, follow });
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(follow ? maxDurationMs : shortReadMs)]);
  const output = new LogOutput(context, timestamps);
  const ended = await pass(host, program, output, { follow, tail, signal, maxBytes: context.outputCapBytes });
  return {
    summary: {
      service: service.name,
      bytes: output.sizeBytes,
      ...output.summary.toJson(),
      truncated: output.truncated,
      ended,
    },
    artifacts: [
      { name: 'service.log', mediaType: 'text/plain', content: output.content(), truncated: output.truncated },
    ],
  };
}

async function pass(
  host: Host,
  program: LogProgram,
  output: LogOutput,
  options: { follow: boolean; tail: number | 'all'; signal: AbortSignal; maxBytes: number },
): Promise<Ended> {
  const { follow, tail, signal, maxBytes } = options;
  const bounds = { signal, timeoutMs: follow ? maxDurationMs : shortReadMs, maxBytes };
  // A manager that counts in bytes prints more lines than were asked for: the last are kept, then given.
  const keep = program.lastOnly && !follow && tail !== 'all' ? tail : undefined;
  let held: LogLine[] = [];
  for await (const lines of readLines(host, program, bounds)) {
    if (keep !== undefined) held = keep === 0 ? [] : [...held, ...lines].slice(-keep);
    else if (!(await output.add(lines))) return 'output_cap';
    if (signal.aborted) break;
  }
  if (!signal.aborted) return held.length > 0 && !(await output.add(held)) ? 'output_cap' : 'end_of_log';
  const interrupted = interruption(signal, follow ? 'following the log' : 'reading the log', 'none');
  if (!follow) throw interrupted;
  return interrupted.code === 'E_TIMEOUT' ? 'max_duration' : 'cancelled';
}
