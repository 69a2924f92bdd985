import { readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { CodedError, TrustRoot } from '@countersign/protocol';

/** A trust root and where it was found. `independent` is false for keys that came along with the bundle. */
export interface FoundTrust {
  readonly trust: TrustRoot;
  readonly path: string;
  readonly independent: boolean;
}

/** Where the keys of a bundle's installation are kept beside its folder: never inside, where they would be a stray file. */
export function trustPathBeside(folder: string): string {
  const place = resolve(folder);
  return join(dirname(place), `${basename(place)}.trust.json`);
}

/** Keeps the keys beside a bundle's folder. */
export async function writeTrust(folder: string, trust: TrustRoot): Promise<string> {
  const path = trustPathBeside(folder);
  await writeFile(path, `${JSON.stringify(trust, null, 2)}\n`);
  return path;
}

/** Reads a trust root. E_VALIDATION when it is none. */
export async function readTrust(path: string): Promise<TrustRoot> {
  const refuse = (cause: unknown) =>
    new CodedError(
      'E_VALIDATION',
      `${path} is no trust file`,
      { field: '--trust', next: 'fetch it from the installation: GET /v1/trust' },
      { cause },
    );
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw refuse(cause);
  }
  const trust = TrustRoot.safeParse(value);
  if (!trust.success) throw refuse(trust.error);
  return trust.data;
}

/** The keys to verify a bundle's folder with: the named file, else `trust.json` of the data folder, else the ones beside. */
export async function findTrust(folder: string, named: string | undefined, dataFolder: string): Promise<FoundTrust> {
  if (named !== undefined) return { trust: await readTrust(named), path: named, independent: true };
  const own = join(dataFolder, 'trust.json');
  const beside = trustPathBeside(folder);
  for (const [path, independent] of [
    [own, true],
    [beside, false],
  ] as const) {
    const exists = await readFile(path).then(
      () => true,
      () => false,
    );
    if (exists) return { trust: await readTrust(path), path, independent };
  }
  const next = "give the installation's keys with --trust FILE; they are at GET /v1/trust";
  throw new CodedError('E_VALIDATION', 'there are no keys to verify with', { field: '--trust', next });
}
