import {
  interruption,
  LogOutput,
  type ParsedStep,
  type ReadResult,
  type Since,
  sinceNanoseconds,
  type WorkContext,
} from '@countersign/connector-kit';
import { callError } from '../client/call-error.ts';
import type { KubernetesClient, OpenAnswer } from '../client/kubernetes-client.ts';
import { PodLogsInputs, podLogsAction } from '../manifest/read-actions.ts';
import { Pod } from '../resource/answers.ts';
import { requireObject } from '../resource/find-object.ts';
import { readableNamespace, type Scope } from '../resource/scope.ts';
import { chooseContainer } from './choose-container.ts';
import { refuseClearedLog } from './cleared-log.ts';
import { podLines } from './pod-lines.ts';

/** Why a log came to its end. */
type Ended = 'end_of_log' | 'container_ended' | 'output_cap' | 'max_duration' | 'cancelled';

/** Before the action's own time limit, so that a long follow ends with its summary and not with an error. */
const maxDurationMs = podLogsAction.timeoutMs - 5_000;

/** The API takes whole seconds: what the time itself falls into is asked for too. */
function sinceTime(since: Since | undefined, nowMs: number): string | undefined {
  if (since === undefined) return undefined;
  return new Date(Number(sinceNanoseconds(since, nowMs) / 1_000_000_000n) * 1000).toISOString();
}

/** Path and query of a container's log, with time stamps. */
export function logRequest(
  pod: { namespace: string; name: string; container: string },
  query: { follow?: boolean; previous?: boolean; tail: number | 'all'; sinceTime?: string | undefined },
) {
  const { follow = false, previous = false, tail } = query;
  return {
    path: `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/log`,
    query: {
      ...{ container: pod.container, timestamps: true, follow, previous, sinceTime: query.sinceTime },
      tailLines: tail === 'all' ? undefined : tail,
    },
  };
}

/**
 * Reads or follows one container's log. A follow that is cancelled or reaches its longest duration answers with what
 * it has, and says so in `summary.ended`; a read that is not at its end then throws E_CANCELLED or E_TIMEOUT. The log of a
 * container that its node cleared away is E_TARGET_MISSING.
 */
export async function podLogsRead(
  client: KubernetesClient,
  scope: Scope,
  step: ParsedStep,
  nowMs: number,
  context: WorkContext,
): Promise<ReadResult> {
  const inputs = PodLogsInputs.parse(step.inputs);
  const namespace = await readableNamespace(scope, inputs.namespace, context.signal);
  const pod = await requireObject(client, 'pod', namespace, inputs.pod, Pod, context.signal);
  const container = chooseContainer(pod, inputs.container);
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(maxDurationMs)]);
  const { follow, previous, tail } = inputs;
  const query = { follow, previous, tail, sinceTime: sinceTime(inputs.since, nowMs) };
  const request = logRequest({ namespace, name: pod.metadata.name, container }, query);
  const what = `read the log of ${container} in pod ${pod.metadata.name}`;
  const stream = await client.open({ what, effect: 'none', request }, signal);
  const output = new LogOutput(context, inputs.timestamps);
  const subject = { pod: pod.metadata.name, container };
  const ended = await pass(stream, output, { follow, maxLineBytes: context.outputCapBytes, signal, what, subject });
  return {
    summary: {
      ...{ pod: pod.metadata.name, namespace, container, previous },
      bytes: output.sizeBytes,
      ...output.summary.toJson(),
      truncated: output.truncated,
      ended,
    },
    artifacts: [{ name: 'pod.log', mediaType: 'text/plain', content: output.content(), truncated: output.truncated }],
  };
}

async function pass(
  stream: OpenAnswer,
  output: LogOutput,
  options: {
    follow: boolean;
    maxLineBytes: number;
    signal: AbortSignal;
    what: string;
    subject: { pod: string; container: string };
  },
): Promise<Ended> {
  const { follow, signal, what, subject } = options;
  try {
    for await (const lines of podLines(stream.chunks, options)) {
      if (output.sizeBytes === 0) refuseClearedLog(lines, subject);
      if (!(await output.add(lines))) return 'output_cap';
      if (signal.aborted) break;
    }
    if (!signal.aborted) return follow ? 'container_ended' : 'end_of_log';
  } catch (cause) {
    if (!signal.aborted) throw callError(cause, { what, effect: 'none' }, 'the Kubernetes API');
  } finally {
    stream.close();
  }
  const interrupted = interruption(signal, what, 'none');
  if (!follow) throw interrupted;
  return interrupted.code === 'E_TIMEOUT' ? 'max_duration' : 'cancelled';
}
