import { type FileHandle, mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { CodedError, readJson, StreamEvent } from '@countersign/protocol';
import type { KeptOutput, OutputSpool, Said, Writer } from '@countersign/runner';
import { z } from 'zod';

const Line = z.strictObject({ first: z.int().positive(), events: z.array(StreamEvent).min(1) });
const fileName = /^([0-9a-f-]{36})\.([0-9a-f-]{36})\.(\d{1,15})\.jsonl$/;
const dayMs = 86_400_000;

/** Bytes that may wait in all, and how long, in milliseconds. */
export interface OutputFileLimits {
  readonly totalBytes: number;
  readonly keepMs: number;
}
const defaultLimits: OutputFileLimits = { totalBytes: 256_000_000, keepMs: 7 * dayMs };

/** The lines of a file that are whole: a crash may have cut the last one. */
function linesOf(text: string): Said[] {
  return text.split('\n').flatMap((line) => {
    try {
      const parsed = Line.safeParse(readJson(line));
      return parsed.success ? [parsed.data] : [];
    } catch {
      return [];
    }
  });
}

/** Writes a line that is on the disk when it resolves. A torn line before it is closed first. */
async function appendLine(file: string, line: string): Promise<void> {
  let handle: FileHandle | null = null;
  try {
    handle = await open(file, 'a', 0o600);
    await handle.appendFile(`\n${line}\n`);
    await handle.datasync();
  } finally {
    await handle?.close();
  }
}

/** Unsent output in files of one folder, one for each claim, readable by their owner only. Everything in it was scrubbed before. */
export class OutputFiles implements OutputSpool {
  readonly #folder: string;
  readonly #limits: OutputFileLimits;
  #bytes = 0;

  private constructor(folder: string, limits: OutputFileLimits) {
    this.#folder = folder;
    this.#limits = limits;
  }

  /** Opens the folder and takes what nobody asked for in a week. `now` is epoch ms. */
  static async open(folder: string, now: number, limits: OutputFileLimits = defaultLimits): Promise<OutputFiles> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const files = new OutputFiles(folder, limits);
    for (const name of await readdir(folder)) {
      if (!fileName.test(name)) continue;
      const path = join(folder, name);
      const { size, mtimeMs } = await stat(path);
      if (now - mtimeMs > limits.keepMs) await rm(path, { force: true });
      else files.#bytes += size;
    }
    return files;
  }

  #path(opId: string, { job_id: jobId, fence }: Writer): string {
    return join(this.#folder, `${opId}.${jobId}.${fence}.jsonl`);
  }

  async keep(opId: string, writer: Writer, said: Said): Promise<void> {
    const line = JSON.stringify(said);
    const size = Buffer.byteLength(line) + 2;
    if (this.#bytes + size > this.#limits.totalBytes) {
      throw new CodedError('E_STORE', `no more than ${this.#limits.totalBytes} bytes of output wait on this disk`, {
        folder: this.#folder,
        next: 'let the worker reach its server again',
      });
    }
    await appendLine(this.#path(opId, writer), line);
    this.#bytes += size;
  }

  async kept(opId: string): Promise<KeptOutput[]> {
    const found: { readonly path: string; readonly writer: Writer; readonly at: number }[] = [];
    for (const name of await readdir(this.#folder)) {
      const [, op, jobId = '', fence] = fileName.exec(name) ?? [];
      if (op !== opId) continue;
      const path = join(this.#folder, name);
      found.push({ path, writer: { job_id: jobId, fence: Number(fence) }, at: (await stat(path)).birthtimeMs });
    }
    // Fences count within one job; between jobs the file's own age tells.
    found.sort((a, b) => (a.writer.job_id === b.writer.job_id ? a.writer.fence - b.writer.fence : a.at - b.at));
    return await Promise.all(
      found.map(async ({ path, writer }) => ({ writer, said: linesOf(await readFile(path, 'utf8')) })),
    );
  }

  async drop(opId: string, writer: Writer): Promise<void> {
    const path = this.#path(opId, writer);
    const size = await stat(path).then(
      (found) => found.size,
      () => 0,
    );
    await rm(path, { force: true });
    this.#bytes -= size;
  }
}
