import { isUtf8 } from 'node:buffer';
import type { ReadResult } from '@countersign/connector-kit';
import { type ArtifactUpload, type CompleteRequest, JsonObject, type Scrubber } from '@countersign/protocol';
import { scrubJson } from '../output/scrub-json.ts';
import { failureOf, type JobSession, parseSteps, withContext } from './job-session.ts';
import { replayJob } from './replay-job.ts';

function scrubBytes(content: Uint8Array, scrubber: Scrubber): Uint8Array {
  if (isUtf8(content)) return Buffer.from(scrubber.text(Buffer.from(content).toString('utf8')), 'utf8');
  // Latin-1 maps bytes to characters one to one, so that binary output survives scrubbing unchanged.
  return Buffer.from(scrubber.text(Buffer.from(content).toString('latin1')), 'latin1');
}

function upload(artifact: ReadResult['artifacts'][number], scrubber: Scrubber): ArtifactUpload {
  return {
    name: scrubber.text(artifact.name),
    media_type: artifact.mediaType,
    content_base64: Buffer.from(scrubBytes(artifact.content, scrubber)).toString('base64'),
    truncated: artifact.truncated,
  };
}

/** Performs a read: its cancel and timeout close the upstream at once. */
export async function readJob(session: JobSession): Promise<void> {
  const { port, fence, scrubber } = session;
  const signal = AbortSignal.any([session.lost, session.cancelled]);
  let ended: Extract<CompleteRequest, { kind: 'read' }>;
  try {
    const { replay } = session.job;
    let summary: JsonObject = replay === undefined ? {} : await replayJob(session, replay, signal);
    const artifacts: ArtifactUpload[] = [];
    for (const step of replay === undefined ? parseSteps(session) : []) {
      const { value, truncated } = await withContext(session, step, signal, (context) =>
        session.target.read(step, context),
      );
      summary = {
        ...summary,
        ...JsonObject.parse(scrubJson(value.summary, scrubber)),
        ...(truncated ? { truncated: true } : {}),
      };
      artifacts.push(...value.artifacts.map((artifact) => upload(artifact, scrubber)));
    }
    // A follow that was cancelled answers with what it has: that is kept, but it is no success.
    const result = session.cancelled.aborted ? 'cancelled' : 'succeeded';
    ended = { kind: 'read', result, summary, artifacts };
  } catch (error) {
    if (session.lost.aborted) return;
    const result = session.cancelled.aborted ? 'cancelled' : 'failed';
    ended = { kind: 'read', result, failure: failureOf(error, scrubber), artifacts: [] };
  }
  await port.complete(fence, ended);
}
