import {
  canonicalBytes,
  fileDigest,
  formatTlogProof,
  fromBase64,
  fromUtf8,
  parseTlogProof,
  type Signer,
  signEnvelope,
  utf8,
} from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import { BundleManifest, DsseEnvelope } from '@countersign/protocol';
import type { Random } from './random.ts';

export type Files = ReadonlyMap<string, Uint8Array>;
/** What a tamperer works with: the bundle, others of the same installation, and a key that nobody trusts. */
export interface Bench {
  readonly random: Random;
  readonly bundle: Files;
  readonly others: readonly Files[];
  readonly foreign: Signer;
}
type Tamper = (bench: Bench) => Files;

const bytesOf = (files: Files, path: string): Uint8Array => files.get(path) ?? new Uint8Array();
const jsonOf = (bytes: Uint8Array): unknown => JSON.parse(fromUtf8(bytes) ?? 'null');
const listed = (files: Files): string[] =>
  BundleManifest.parse(jsonOf(bytesOf(files, 'manifest.json'))).files.map(({ path }) => path);
const withFile = (files: Files, path: string, bytes: Uint8Array): Files => new Map([...files, [path, bytes]]);
const anyPath = ({ bundle, random }: Bench): string =>
  random.pick([...bundle.keys()].filter((path) => bytesOf(bundle, path).length > 0));

/** The manifest written anew over files that were changed: every hash fits again. */
function rehash(files: Files): Files {
  const manifest = BundleManifest.parse(jsonOf(bytesOf(files, 'manifest.json')));
  const entries = manifest.files
    .filter(({ path }) => files.has(path))
    .map(({ path }) => ({
      path,
      size_bytes: bytesOf(files, path).length,
      sha256: fileDigest(bytesOf(files, path), nodeSha256),
    }));
  return withFile(files, 'manifest.json', canonicalBytes({ ...manifest, files: entries }));
}

/** A value somewhere in the JSON of a file is another one; the file stays canonical. */
function changeValue(bench: Bench, path: string): Files {
  const { random, bundle } = bench;
  const root: unknown = jsonOf(bytesOf(bundle, path));
  const leaves: (() => void)[] = [];
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (typeof value === 'object' && value !== null) walk(value);
      else
        leaves.push(() => {
          const other =
            typeof value === 'number'
              ? value + 1
              : typeof value === 'boolean'
                ? !value
                : value === null
                  ? 'x'
                  : `${String(value)}x`;
          Reflect.set(node, key, other);
        });
    }
  };
  walk(root);
  random.pick(leaves)();
  return withFile(bundle, path, canonicalBytes(root));
}

/** The manifest and the statement over it signed again, by a key that nobody trusts. */
function resign(files: Files, foreign: Signer): Files {
  const envelope = DsseEnvelope.parse(jsonOf(bytesOf(files, 'statement.dsse.json')));
  const statement = Object(jsonOf(fromBase64(envelope.payload) ?? new Uint8Array()));
  const sha256 = fileDigest(bytesOf(files, 'manifest.json'), nodeSha256).slice('sha256:'.length);
  const payload = canonicalBytes({ ...statement, subject: [{ name: 'manifest.json', digest: { sha256 } }] });
  return withFile(files, 'statement.dsse.json', canonicalBytes(signEnvelope(envelope.payloadType, payload, foreign)));
}

const json = ['plan.json', 'validation.json', 'approvals.json', 'run.json'] as const;

/** Every way in which a bundle is tampered with. */
export const bundleTampers: Readonly<Record<string, Tamper>> = {
  flip(bench) {
    const path = anyPath(bench);
    const bytes = Uint8Array.from(bytesOf(bench.bundle, path));
    const at = bench.random.below(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (1 << bench.random.below(8));
    return withFile(bench.bundle, path, bytes);
  },
  drop(bench) {
    const path = bench.random.pick([...bench.bundle.keys()]);
    return new Map([...bench.bundle].filter(([name]) => name !== path));
  },
  swap(bench) {
    const [left, right] = [anyPath(bench), anyPath(bench)];
    return withFile(withFile(bench.bundle, left, bytesOf(bench.bundle, right)), right, bytesOf(bench.bundle, left));
  },
  duplicate(bench) {
    const path = anyPath(bench);
    return withFile(bench.bundle, `${path}.${bench.random.below(1000)}`, bytesOf(bench.bundle, path));
  },
  truncate(bench) {
    const path = anyPath(bench);
    const bytes = bytesOf(bench.bundle, path);
    return withFile(bench.bundle, path, bytes.slice(0, bench.random.below(bytes.length)));
  },
  insert(bench) {
    const path = anyPath(bench);
    const bytes = [...bytesOf(bench.bundle, path)];
    bytes.splice(bench.random.below(bytes.length + 1), 0, bench.random.below(256));
    return withFile(bench.bundle, path, Uint8Array.from(bytes));
  },
  'file of another bundle'(bench) {
    const path = anyPath(bench);
    return withFile(bench.bundle, path, bytesOf(bench.random.pick(bench.others), path));
  },
  'whole rewritten, hashes fit'(bench) {
    return rehash(changeValue(bench, bench.random.pick(json)));
  },
  'file left out, hashes fit'(bench) {
    const path = bench.random.pick(listed(bench.bundle));
    return rehash(new Map([...bench.bundle].filter(([name]) => name !== path)));
  },
  'rewritten and signed by a foreign key'(bench) {
    return resign(rehash(changeValue(bench, bench.random.pick(json))), bench.foreign);
  },
  'signed again by a foreign key'(bench) {
    return resign(bench.bundle, bench.foreign);
  },
  'signature of another statement'(bench) {
    const envelope = DsseEnvelope.parse(jsonOf(bytesOf(bench.bundle, 'statement.dsse.json')));
    const other = DsseEnvelope.parse(jsonOf(bytesOf(bench.random.pick(bench.others), 'statement.dsse.json')));
    const bytes = canonicalBytes({ ...envelope, signatures: other.signatures });
    return withFile(bench.bundle, 'statement.dsse.json', bytes);
  },
  'statement of another bundle'(bench) {
    const path = 'statement.dsse.json';
    return withFile(bench.bundle, path, bytesOf(bench.random.pick(bench.others), path));
  },
  'approvals of another bundle, hashes fit'(bench) {
    const path = 'approvals.json';
    return rehash(withFile(bench.bundle, path, bytesOf(bench.random.pick(bench.others), path)));
  },
  'proof to another head'(bench) {
    const text = (files: Files) => fromUtf8(bytesOf(files, 'tlog-proof')) ?? '';
    const [own, other] = [parseTlogProof(text(bench.bundle)), parseTlogProof(text(bench.random.pick(bench.others)))];
    if (!own.ok || !other.ok) throw new Error('a bundle without proof');
    const moved = formatTlogProof({ ...own.value, checkpoint: other.value.checkpoint });
    return withFile(bench.bundle, 'tlog-proof', utf8(moved));
  },
  'proof and entry of another bundle'(bench) {
    const other = bench.random.pick(bench.others);
    const moved = withFile(bench.bundle, 'tlog-proof', bytesOf(other, 'tlog-proof'));
    return withFile(moved, 'audit-entry.json', bytesOf(other, 'audit-entry.json'));
  },
  'anchor taken away'(bench) {
    return new Map([...bench.bundle].filter(([path]) => path !== 'tlog-proof' && path !== 'audit-entry.json'));
  },
};

function same(left: Files, right: Files): boolean {
  return (
    left.size === right.size &&
    [...left].every(([path, bytes]) => Buffer.compare(bytes, right.get(path) ?? Buffer.from('?')) === 0)
  );
}

/** A bundle tampered with in one way; never one that came out as it was. */
export function tamperBundle(kind: string, bench: Bench): Files {
  const tamper = bundleTampers[kind];
  if (tamper === undefined) throw new RangeError(`no tamper ${kind}`);
  for (let tries = 0; tries < 100; tries += 1) {
    const changed = tamper(bench);
    if (!same(changed, bench.bundle)) return changed;
  }
  throw new Error(`${kind} changes nothing`);
}
