import {
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import type { BundleFolder, CrashPoints } from '@countersign/engine';

const dateName = (at: number): string => {
  const [day = '', time = ''] = new Date(at).toISOString().split('T');
  return `${day.replaceAll('-', '')}-${time.slice(0, 5).replace(':', '')}`;
};

function writeFile(file: string, content: Uint8Array): void {
  mkdirSync(dirname(file), { recursive: true });
  const handle = openSync(file, 'w', 0o644);
  try {
    writeSync(handle, content);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function holds(folder: string, files: ReadonlyMap<string, Uint8Array>): boolean {
  const manifest = files.get('manifest.json');
  const file = join(folder, 'manifest.json');
  return manifest !== undefined && existsSync(file) && Buffer.compare(readFileSync(file), manifest) === 0;
}

/** A free name for the minute, or the folder that already holds this very bundle: `-NN` is added only on collision. */
function placeFor(root: string, at: number, files: ReadonlyMap<string, Uint8Array>): string {
  const base = dateName(at);
  for (let number = 0; ; number += 1) {
    const name = number === 0 ? base : `${base}-${String(number + 1).padStart(2, '0')}`;
    const folder = join(root, name);
    if (!existsSync(folder) || holds(folder, files)) return name;
  }
}

/** Exports bundles below `docs/evidence/` of the data folder: written to a temporary folder, synced, renamed. */
export function openBundleFolder(dataDir: string, crash: CrashPoints): BundleFolder {
  const root = join(dataDir, 'docs', 'evidence');
  return {
    async export(bundleId, at, files, existing) {
      mkdirSync(root, { recursive: true });
      for (const entry of readdirSync(root)) {
        if (entry.startsWith(`.partial-${bundleId}`)) rmSync(join(root, entry), { recursive: true, force: true });
      }
      const name = existing ?? placeFor(root, at, files);
      const folder = join(root, name);
      if (existsSync(folder)) {
        for (const [path, content] of files) writeFile(join(folder, path), content);
        return join('docs', 'evidence', name);
      }
      const partial = join(root, `.partial-${bundleId}`);
      for (const [path, content] of files) writeFile(join(partial, path), content);
      crash.hit('seal:before-rename');
      renameSync(partial, folder);
      return join('docs', 'evidence', name);
    },
  };
}
