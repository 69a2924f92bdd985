import { createHash, randomUUID } from 'node:crypto';
import { mkdir, open, readFile, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ArtifactFiles } from '@countersign/kernel';
import { CodedError } from '@countersign/protocol';
import { proveWritable, volumeError } from './volume.ts';

const hexHash = /^[0-9a-f]{64}$/;

/**
 * Opens a folder of files named by their SHA-256, two levels deep (`ab/cd/abcd…`). What `put` answered is on the disk;
 * `get` answers the bytes only when they still have their hash, and throws E_STORE when they do not.
 */
export async function openArtifacts(folder: string): Promise<ArtifactFiles> {
  const root = resolve(folder);
  await mkdir(root, { recursive: true, mode: 0o700 });
  return {
    async put(bytes) {
      const sha256 = sha256Of(bytes);
      const place = placeOf(root, sha256);
      if (!(await standsAgain(place, bytes.byteLength))) await writeDurably(root, place, bytes);
      return { sha256, sizeBytes: bytes.byteLength };
    },
    ping: () => proveWritable(root, 'artifacts'),
    async space() {
      const { bsize, blocks, bavail } = await statfs(root);
      return { sizeBytes: blocks * bsize, freeBytes: bavail * bsize };
    },
    async get(sha256) {
      // The name becomes a path: nothing but a hash may.
      if (!hexHash.test(sha256)) return null;
      const bytes = await readOrNull(placeOf(root, sha256).file);
      if (bytes !== null && sha256Of(bytes) !== sha256) {
        throw new CodedError('E_STORE', 'An artifact file is damaged.', { sha256, next: 'Restore it from a backup.' });
      }
      return bytes;
    },
    async remove(sha256) {
      if (hexHash.test(sha256)) await removeUnlessFresh(placeOf(root, sha256));
    },
  };
}

interface Place {
  readonly folders: readonly string[];
  readonly file: string;
}

function placeOf(root: string, sha256: string): Place {
  const outer = join(root, sha256.slice(0, 2));
  const inner = join(outer, sha256.slice(2, 4));
  return { folders: [outer, inner], file: join(inner, sha256) };
}

async function writeDurably(root: string, place: Place, bytes: Uint8Array): Promise<void> {
  const temporary = join(root, `.${randomUUID()}.partial`);
  try {
    const file = await open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    for (const folder of place.folders) await mkdir(folder, { recursive: true, mode: 0o700 });
    await rename(temporary, place.file);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw volumeError('artifacts', 'An artifact could not be written.', cause);
  }
  for (const folder of [...place.folders].reverse()) await syncFolder(folder);
  await syncFolder(root);
}

/** Whoever stores bytes that are there makes them young, so that a removal under way leaves them. */
async function standsAgain({ file }: Place, size: number): Promise<boolean> {
  if ((await sizeOf(file)) !== size) return false;
  const now = new Date();
  const touched = await utimes(file, now, now).catch(absent);
  return touched !== null;
}

/** Longer than any unit that would refer to the bytes takes to commit. */
const freshMs = 60_000;

/** Takes the file away first and then looks at its age: bytes that somebody stored meanwhile are put back. */
async function removeUnlessFresh({ file }: Place): Promise<void> {
  const aside = `${file}.${randomUUID()}.partial`;
  if ((await rename(file, aside).catch(absent)) === null) return;
  const { mtimeMs } = await stat(aside);
  if (Date.now() - mtimeMs < freshMs) await rename(aside, file);
  else await rm(aside);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function sizeOf(file: string): Promise<number | null> {
  const found = await stat(file).catch(absent);
  return found?.size ?? null;
}

async function readOrNull(file: string): Promise<Uint8Array | null> {
  const bytes = await readFile(file).catch(absent);
  return bytes === null ? null : new Uint8Array(bytes);
}

function absent(error: unknown): null {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
  throw error;
}

function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
