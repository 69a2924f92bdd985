import type { EngineContext } from '../context/context.ts';

const leavesPerRead = 2_000;

/**
 * The log's leaves from `from` up to, not including, `to` (or the size it has now), as they were hashed: one canonical
 * JSON text a line. Reads a page at a time, so a slow reader holds no snapshot and no memory.
 */
export async function* exportLog(context: EngineContext, from: number, to: number | undefined): AsyncGenerator<string> {
  const { treeSize } = await context.store.read((reads) => reads.audit.size());
  const end = Math.min(to ?? treeSize, treeSize);
  for (let start = from; start < end; start += leavesPerRead) {
    const stop = Math.min(end, start + leavesPerRead);
    const texts = await context.store.read((reads) => reads.audit.leafTexts(start, stop));
    // Ending early is seen by whoever verifies; lines that moved up would be told as another fault than they are.
    if (texts.length !== stop - start)
      throw new Error(`the log has ${texts.length} of ${stop - start} leaves from ${start}`);
    yield texts.map(({ text }) => `${text}\n`).join('');
  }
}
