import { parseCanonical } from '@countersign/evidence';
import { BundleManifest } from '@countersign/protocol';
import { dataFolder } from '../connection/settings.ts';
import type { CliDeps } from '../program/deps.ts';
import { type FoundTrust, findTrust, namedTrust } from './trust-file.ts';

/** Which installation a bundle says it is of: only to find the keys that then judge it. */
function installationOf(files: ReadonlyMap<string, Uint8Array>): string | null {
  const manifest = parseCanonical(files.get('manifest.json') ?? new Uint8Array(), BundleManifest);
  return manifest.ok ? manifest.value.installation : null;
}

/** The keys to verify a bundle with: those that `--trust` names, else what is kept for its installation. */
export async function trustOfBundle(
  deps: Pick<CliDeps, 'cwd' | 'env'>,
  folder: string,
  files: ReadonlyMap<string, Uint8Array>,
  named: string | undefined,
): Promise<FoundTrust> {
  const data = dataFolder(deps);
  return named === undefined ? findTrust(folder, installationOf(files), data) : namedTrust(named, deps.cwd, data);
}
