import { lstat, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { fromBase64 } from '@countersign/evidence';
import { CodedError, type EvidenceView } from '@countersign/protocol';

// A bundle holds text; whatever is larger is none, or is meant to fill the memory of who verifies it.
const largestFileBytes = 256 * 1024 * 1024;
const segment = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;

function safePath(path: string): string {
  if (path.split('/').every((part) => segment.test(part))) return path.replaceAll('/', sep);
  throw new CodedError('E_VERIFY', `the bundle holds a path that may not be written: ${JSON.stringify(path)}`);
}

/** The files of a bundle as the server gave them. */
export function bundleFiles(evidence: EvidenceView): Map<string, Uint8Array> {
  return new Map(
    evidence.files.map(({ path, content_base64: content }) => {
      const bytes = fromBase64(content);
      if (bytes === null) throw new CodedError('E_VERIFY', `file ${JSON.stringify(path)} of the bundle is not base64`);
      safePath(path);
      return [path, bytes];
    }),
  );
}

/** Writes a bundle to a folder that does not exist yet, complete or not at all. E_STATE when there is something. */
export async function writeBundle(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  const unfinished = await mkdtemp(join(parent, '.countersign-'));
  try {
    for (const [path, bytes] of files) {
      const place = join(unfinished, safePath(path));
      await mkdir(dirname(place), { recursive: true });
      await writeFile(place, bytes);
    }
    if (await lstat(folder).catch(() => null)) {
      throw new CodedError('E_STATE', `${folder} is there already`, { next: 'choose another folder with --out' });
    }
    await rename(unfinished, folder);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Every file below a folder by its path with `/`. Links and special files are refused: they may lead anywhere. */
export async function readBundle(folder: string): Promise<Map<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((cause: unknown) => {
    throw new CodedError('E_VALIDATION', `cannot read the folder ${folder}`, { field: 'dir' }, { cause });
  });
  for (const entry of entries) {
    if (entry.isDirectory()) continue;
    const place = join(entry.parentPath, entry.name);
    const path = place.slice(folder.length).split(sep).filter(Boolean).join('/');
    const { size } = await lstat(place);
    if (!entry.isFile()) throw new CodedError('E_VERIFY', `${path} is no regular file`);
    if (size > largestFileBytes) throw new CodedError('E_VERIFY', `${path} is larger than a bundle's file may be`);
    files.set(path, await readFile(place));
  }
  return files;
}
