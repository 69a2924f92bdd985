import { canonicalBytes, concatBytes, type Sha256, toHex } from '@countersign/evidence';
import type { KeptContent, Reads, StreamChunk, Unit } from '@countersign/kernel';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

const chunksAtOnce = 500;
const operationsAtOnce = 50;

async function* outputOf(reads: Pick<Reads, 'streams'>, operationId: string): AsyncGenerator<StreamChunk> {
  let after = 0;
  for (;;) {
    const chunks = await reads.streams.after(operationId, after, chunksAtOnce);
    for (const chunk of chunks) {
      after = chunk.sequence;
      if (chunk.event.type === 'output') yield chunk;
    }
    if (chunks.length < chunksAtOnce) return;
  }
}

/** Digest of an output: a hash over the hashes of its chunks in order, so that it is made a chunk at a time. */
async function measure(reads: Pick<Reads, 'streams'>, id: string, sha256: Sha256): Promise<KeptContent> {
  let hash = sha256(new Uint8Array(0));
  let sizeBytes = 0;
  for await (const { event } of outputOf(reads, id)) {
    const bytes = canonicalBytes(event);
    hash = sha256(concatBytes(hash, sha256(bytes)));
    sizeBytes += bytes.length;
  }
  return { kind: 'output', id, sha256: toHex(hash), sizeBytes, removedAt: null };
}

/** Notes digest and size of each output that came to its end since the last time. */
export async function measureOutputs(context: EngineContext): Promise<void> {
  for (;;) {
    const measured = await context.store.read(async (reads) => {
      const contents: KeptContent[] = [];
      for (const id of await reads.retention.unmeasured(operationsAtOnce))
        contents.push(await measure(reads, id, context.sha256));
      return contents;
    });
    if (measured.length === 0) return;
    await commit(context, 'retention', async (unit) => {
      for (const content of measured) await unit.retention.saveContent(content, context.clock.now());
    });
  }
}

/** Takes the output out of a stream; at its first place stands what was taken. State events stay. */
export async function removeOutput(unit: Unit, { id, sha256, sizeBytes }: KeptContent, at: number): Promise<void> {
  const sequences: number[] = [];
  for await (const { sequence } of outputOf(unit, id)) sequences.push(sequence);
  const [first] = sequences;
  if (first === undefined) return;
  await unit.streams.replace(id, sequences, { type: 'removed', removed_at: at, size_bytes: sizeBytes, sha256 });
}
