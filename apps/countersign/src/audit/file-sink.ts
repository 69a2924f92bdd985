import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { CheckpointSink } from '@countersign/engine';
import { syncFolder } from '../keys/write-durably.ts';
import { checkpointLine } from './checkpoint-line.ts';

export interface FileSinkOptions {
  readonly name: string;
  readonly everyMs: number;
  readonly installation: string;
  readonly path: string;
}

const tailBytes = 64 * 1024;

/** The last whole line, and where a line that a crash cut off begins. */
async function readTail(handle: FileHandle): Promise<{ last: string; wholeBytes: number }> {
  const { size } = await handle.stat();
  const start = Math.max(0, size - tailBytes);
  const tail = Buffer.alloc(size - start);
  await handle.read(tail, 0, tail.length, start);
  const end = tail.lastIndexOf(0x0a);
  if (end < 0) return { last: '', wholeBytes: start };
  const before = end === 0 ? -1 : tail.lastIndexOf(0x0a, end - 1);
  return { last: tail.toString('utf8', before + 1, end), wholeBytes: start + end + 1 };
}

/**
 * Appends a line for each checkpoint and syncs it. The file may stand on another host that is mounted here. A line that a
 * crash cut off is cut away: it was never confirmed.
 */
export function fileSink({ name, everyMs, installation, path }: FileSinkOptions): CheckpointSink {
  return {
    name,
    kind: 'file',
    everyMs,
    async keep(checkpoint) {
      await mkdir(dirname(path), { recursive: true });
      const handle = await open(path, 'a+', 0o644);
      try {
        const { last, wholeBytes } = await readTail(handle);
        await handle.truncate(wholeBytes);
        const line = checkpointLine(installation, checkpoint);
        if (last === line) return;
        await handle.appendFile(`${line}\n`);
        await handle.sync();
      } finally {
        await handle.close();
      }
      syncFolder(dirname(path));
    },
  };
}
