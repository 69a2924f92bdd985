import {
  ConnectorError,
  interruption,
  type ParsedStep,
  type ReadResult,
  type WorkContext,
} from '@countersign/connector-kit';
import type { JsonObject } from '@countersign/protocol';
import type { Container } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import { callError } from '../errors.ts';
import { requireContainer } from '../find-container.ts';
import { StatsInputs } from '../manifest/look-actions.ts';
import type { DaemonStream } from '../open-stream.ts';
import { jsonLines } from './json-lines.ts';
import { JsonOutput } from './json-output.ts';
import { hasBefore, isMeasured, type Sample, StatsAnswer, sampleOf } from './sample.ts';

const what = 'measure the container';

/** Takes samples from one stream until there are as many as wanted, the cap is reached or the stream ends. */
async function take(
  stream: DaemonStream,
  wanted: number,
  output: JsonOutput,
  context: WorkContext,
  where: string,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  try {
    for await (const value of jsonLines(stream.chunks)) {
      const answer = StatsAnswer.parse(value);
      if (!isMeasured(answer)) break;
      // The first one of a stream has none before it.
      if (!hasBefore(answer)) continue;
      const sample = sampleOf(answer);
      if (!(await output.add({ ...sample }))) break;
      samples.push(sample);
      if (samples.length >= wanted) break;
    }
  } catch (cause) {
    if (!context.signal.aborted) throw callError(cause, { what, where, effect: 'none' });
  } finally {
    stream.close();
  }
  if (context.signal.aborted) throw interruption(context.signal, what, 'none');
  return samples;
}

/** Takes all samples. The daemon may end a stream that began while it was ending that of somebody else: then another. */
async function takeAll(
  client: DockerClient,
  id: string,
  wanted: number,
  output: JsonOutput,
  context: WorkContext,
): Promise<Sample[]> {
  const samples: Sample[] = [];
  while (samples.length < wanted && !output.truncated) {
    const request = { path: `/containers/${id}/stats`, query: { stream: true } };
    const stream = await client.open(what, request, context.signal);
    samples.push(...(await take(stream, wanted - samples.length, output, context, client.where)));
    if (!isUp(await client.inspect(id, context.signal))) break;
  }
  return samples;
}

function isUp(container: Container | undefined): boolean {
  return container?.state === 'running' || container?.state === 'paused';
}

function spread(values: readonly number[]): JsonObject {
  const sum = values.reduce((total, value) => total + value, 0);
  const average = values.length === 0 ? 0 : Math.round((sum / values.length) * 100) / 100;
  return { least: Math.min(...values, Number.MAX_SAFE_INTEGER), most: Math.max(...values, 0), average };
}

/** Measures one running container. Throws E_TARGET_REFUSED where it does not run. */
export async function measureContainer(
  client: DockerClient,
  step: ParsedStep,
  context: WorkContext,
): Promise<ReadResult> {
  const inputs = StatsInputs.parse(step.inputs);
  const container = await requireContainer(client, inputs.container, context.signal);
  if (!isUp(container)) {
    throw new ConnectorError('E_TARGET_REFUSED', `container ${container.name} is ${container.state}: it uses nothing`, {
      effect: 'none',
      detail: { container: container.name, state: container.state },
    });
  }
  const output = new JsonOutput(context);
  const samples = await takeAll(client, container.id, inputs.samples, output, context);
  const last = samples.at(-1);
  return {
    summary: {
      container: container.name,
      container_id: container.id,
      samples: samples.length,
      last: last === undefined ? null : { ...last },
      cpu_percent: samples.length === 0 ? null : spread(samples.map(({ cpu_percent }) => cpu_percent)),
      memory_bytes: samples.length === 0 ? null : spread(samples.map(({ memory_bytes }) => memory_bytes)),
      truncated: output.truncated,
      ended: output.truncated ? 'output_cap' : samples.length < inputs.samples ? 'container_ended' : 'all_samples',
    },
    artifacts: [output.artifact('stats.jsonl')],
  };
}
