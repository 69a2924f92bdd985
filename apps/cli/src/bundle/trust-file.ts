import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { connect } from '@countersign/client';
import { canonicalJson, extendsTrust, verifyTrust } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError, readJson, TrustRoot } from '@countersign/protocol';

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

/** Keeps the keys beside a bundle's folder, as the server publishes them. */
export async function writeTrust(folder: string, trust: TrustRoot): Promise<string> {
  const path = trustPathBeside(folder);
  await writeFile(path, `${canonicalJson(trust)}\n`);
  return path;
}

/** A trust root that holds in itself. E_VERIFY when its keys do not follow each other. */
async function whole(place: string, trust: TrustRoot): Promise<TrustRoot> {
  const checked = await verifyTrust(trust, nodeVerifyCrypto);
  if (!checked.ok) throw new CodedError('E_VERIFY', `the trust root ${place} does not hold: ${checked.reason}`);
  return checked.value;
}

/** Reads a trust root from a file. E_VALIDATION when it is none. */
async function readTrust(path: string): Promise<TrustRoot> {
  const refuse = (cause: unknown) =>
    new CodedError(
      'E_VALIDATION',
      `${path} is no trust file`,
      { field: '--trust', next: 'fetch it from the installation: GET /v1/trust' },
      { cause },
    );
  let value: unknown;
  try {
    value = readJson(await readFile(path, 'utf8'));
  } catch (cause) {
    throw refuse(cause);
  }
  const trust = TrustRoot.safeParse(value);
  if (!trust.success) throw refuse(trust.error);
  return whole(path, trust.data);
}

async function exists(path: string): Promise<boolean> {
  return readFile(path).then(
    () => true,
    () => false,
  );
}

function pinPath(dataFolder: string, installation: string): string {
  return join(dataFolder, 'trust', `${encodeURIComponent(installation)}.json`);
}

/**
 * Remembers a trust root that was named. From then on only what continues it is taken for that installation: the same
 * keys, and further ones that they vouched for. E_VERIFY for any other.
 */
export async function pinTrust(dataFolder: string, place: string, trust: TrustRoot): Promise<void> {
  const path = pinPath(dataFolder, trust.installation);
  if (await exists(path)) {
    const kept = await readTrust(path);
    const continued = extendsTrust(kept, trust);
    if (!continued.ok) {
      throw new CodedError(
        'E_VERIFY',
        `${place} does not continue the trust root kept in ${path}: ${continued.reason}`,
        {
          next: 'ask the people of that installation which is right; remove the kept one only if it is wrong',
        },
      );
    }
    if (canonicalJson(kept) === canonicalJson(trust)) return;
  }
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.partial`, `${canonicalJson(trust)}\n`);
  await rename(`${path}.partial`, path);
}

/** The trust root that `--trust` names, a file or a server's address, checked and pinned. */
export async function namedTrust(named: string, cwd: string, dataFolder: string): Promise<FoundTrust> {
  const address = /^https?:\/\//.test(named);
  const path = address ? named : resolve(cwd, named);
  const url = named.replace(/\/v1\/trust\/?$/, '');
  const trust = address ? await whole(path, await connect({ url }).call('trust')) : await readTrust(path);
  await pinTrust(dataFolder, path, trust);
  return { trust, path, independent: true };
}

/**
 * The keys to verify a bundle's folder with, where none are named: those that were pinned for its installation, else
 * `trust.json` of the data folder, else the ones beside.
 */
export async function findTrust(folder: string, installation: string | null, dataFolder: string): Promise<FoundTrust> {
  const beside = trustPathBeside(folder);
  const candidates: [path: string, independent: boolean][] = [
    ...(installation === null ? [] : [[pinPath(dataFolder, installation), true] satisfies [string, boolean]]),
    [join(dataFolder, 'trust.json'), true],
    [beside, false],
  ];
  for (const [path, independent] of candidates) {
    if (await exists(path)) return { trust: await readTrust(path), path, independent };
  }
  const next = `keep ${basename(beside)}, which was written beside the folder, next to it; or name the installation's keys with --trust FILE or URL (GET /v1/trust)`;
  throw new CodedError('E_VALIDATION', 'there are no keys to verify with', { field: '--trust', next });
}
