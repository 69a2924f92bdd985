import { existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { BundleFolder, CrashPoints } from '@countersign/engine';
import { proveWritable } from '@countersign/store';

const dateName = (at: number): string => {
  const [day = '', time = ''] = new Date(at).toISOString().split('T');
  return `${day.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}`;
};

async function writeDurably(file: string, content: Uint8Array): Promise<void> {
  const handle = await open(file, 'w', 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** All at once: file systems flush what waits together, so that neighbours cost little more than one. */
async function writeFiles(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const written = [...files].map(([path, content]) => ({ file: join(folder, path), content }));
  for (const place of new Set(written.map(({ file }) => dirname(file)))) await mkdir(place, { recursive: true });
  await Promise.all(written.map(({ file, content }) => writeDurably(file, content)));
}

/** Brings a folder that stands up to date: what differs is written elsewhere and renamed, so that no reader sees half a file. */
async function replaceFiles(folder: string, partial: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  const changed = new Map<string, Uint8Array>();
  for (const [path, content] of files) {
    const file = join(folder, path);
    if (!existsSync(file) || Buffer.compare(await readFile(file), content) !== 0) changed.set(path, content);
  }
  await writeFiles(partial, changed);
  for (const path of changed.keys()) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await rename(join(partial, path), join(folder, path));
  }
  await rm(partial, { recursive: true, force: true });
}

async function holds(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<boolean> {
  const manifest = files.get('manifest.json');
  const file = join(folder, 'manifest.json');
  return manifest !== undefined && existsSync(file) && Buffer.compare(await readFile(file), manifest) === 0;
}

/** Names and minutes that are remembered; what is forgotten is looked for in the folders again. */
const remembered = 1000;

/** Names for bundles: the minute, and `-NN` on a collision. */
class Names {
  readonly #root: string;
  readonly #next = new Map<string, number>();
  readonly #given = new Map<string, string>();

  constructor(root: string) {
    this.#root = root;
  }

  /**
   * A name that nobody has, or the one that this bundle had before its note in the database failed. After a kill that is
   * found by the folder's content; in one process's life it is remembered, so that a later bundle of the same minute need
   * not look through all folders before it.
   */
  async take(bundleId: string, at: number, files: ReadonlyMap<string, Uint8Array>): Promise<string> {
    const given = this.#given.get(bundleId);
    if (given !== undefined) return given;
    const base = dateName(at);
    for (let number = 1; ; number += 1) {
      number = Math.max(number, this.#next.get(base) ?? 1);
      const name = number === 1 ? base : `${base}-${String(number).padStart(2, '0')}`;
      const folder = join(this.#root, name);
      if (existsSync(folder)) {
        if (await holds(folder, files)) return name;
        continue;
      }
      // Nothing is awaited since the look, so nobody else has taken the name.
      remember(this.#next, base, number + 1);
      remember(this.#given, bundleId, name);
      return name;
    }
  }
}

function remember<Value>(map: Map<string, Value>, key: string, value: Value): void {
  if (map.size >= remembered) map.clear();
  map.set(key, value);
}

/** Exports bundles below `docs/evidence/` of the data folder: written to a temporary folder, synced, renamed. */
export function openBundleFolder(dataDir: string, crash: CrashPoints): BundleFolder {
  const root = join(dataDir, 'docs', 'evidence');
  const names = new Names(root);
  return {
    ping: () => proveWritable(root, 'evidence'),
    async export(bundleId, at, files, existing) {
      crash.hit('export:before-write');
      const partial = join(root, `.partial-${bundleId}`);
      await rm(partial, { recursive: true, force: true });
      const name = existing === null ? await names.take(bundleId, at, files) : basename(existing);
      const folder = join(root, name);
      if (existsSync(folder)) {
        await replaceFiles(folder, partial, files);
        crash.hit('export:after-write');
        return join('docs', 'evidence', name);
      }
      await writeFiles(partial, files);
      crash.hit('export:before-rename');
      await rename(partial, folder);
      crash.hit('export:after-write');
      return join('docs', 'evidence', name);
    },
  };
}
