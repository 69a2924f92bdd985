import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { equalBytes } from '@countersign/evidence';
import { BundleRun, type EvidenceView, readJson } from '@countersign/protocol';

const two = (value: number) => String(value).padStart(2, '0');

/** `YYYYMMDD-HHMM` in UTC. */
export function stampOf(at: number): string {
  const time = new Date(at);
  const date = `${time.getUTCFullYear()}${two(time.getUTCMonth() + 1)}${two(time.getUTCDate())}`;
  return `${date}-${two(time.getUTCHours())}${two(time.getUTCMinutes())}`;
}

/** The time in a bundle's folder name: the server's own name where it has one, else when the run ended. */
export function bundleStamp(evidence: EvidenceView, files: ReadonlyMap<string, Uint8Array>, now: number): string {
  const [, stamp] = /(?:^|\/)(\d{8}-\d{4})(?:-\d{2})?\/?$/.exec(evidence.folder ?? '') ?? [];
  if (stamp !== undefined) return stamp;
  const run = BundleRun.safeParse(readJson(new TextDecoder().decode(files.get('run.json')) || 'null'));
  return stampOf((run.success ? run.data.ended_at : null) ?? now);
}

/** A free folder below `root` for a bundle, or the one that holds it already: `-02` to `-99` only on collision. */
export async function exportFolder(
  root: string,
  stamp: string,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<{ folder: string; present: boolean } | null> {
  for (let number = 1; number < 100; number += 1) {
    const folder = join(root, number === 1 ? stamp : `${stamp}-${two(number)}`);
    const manifest = await readFile(join(folder, 'manifest.json')).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (manifest === null) return { folder, present: false };
    if (equalBytes(manifest, files.get('manifest.json') ?? new Uint8Array())) return { folder, present: true };
  }
  return null;
}
