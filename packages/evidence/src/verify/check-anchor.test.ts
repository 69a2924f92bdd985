import { BundleManifest, type TrustRoot } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/checkpoint.json' with { type: 'json' };
import { buildBundle } from '../bundle/build-bundle.ts';
import { anchorBundle, sealBundle } from '../bundle/seal-bundle.ts';
import { fromUtf8, utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { invalid, valid } from '../checked/checked.ts';
import { parseCheckpoint, signCheckpoint } from '../checkpoint/checkpoint.ts';
import { findingsOf } from '../fixture/findings-of.ts';
import { rotatedTrust } from '../fixture/rotated-trust.ts';
import { sampleAuditEntry, sampleBundle, sampleProof } from '../fixture/sample-bundle.ts';
import { sampleInput } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { type AnchorContext, checkAnchor } from './check-anchor.ts';
import { verifyBundle } from './verify-bundle.ts';

const whole = await sampleBundle();

async function verify(files: ReadonlyMap<string, Uint8Array>): Promise<[string, string | null][]> {
  const report = await verifyBundle(files, testTrust(), nodeVerifyCrypto);
  return report.findings.filter(({ state }) => state !== 'pass').map(({ id, file }) => [id, file]);
}

describe('an audit entry', () => {
  it('finds an audit entry of something else, though it is in the log', async () => {
    const sealed = sealBundle(buildBundle(sampleInput(), nodeSha256), testSigner(), nodeSha256);
    const good = sampleAuditEntry(sealed);
    const digest = `sha256:${'0'.repeat(64)}`;
    for (const entry of [
      { ...good, event: 'run.succeeded' },
      { ...good, detail: { ...good.detail, manifest_sha256: digest } },
      { ...good, detail: { ...good.detail, bundle_id: good.entry_id } },
    ]) {
      const files = anchorBundle(sealed.files, entry, await sampleProof(entry));
      expect(await verify(files)).toEqual([['anchor.entry', 'audit-entry.json']]);
    }
  });
});

describe('a proof', () => {
  const withProof = (text: string) => verify(new Map([...whole, ['tlog-proof', utf8(text)]]));
  const parsed = parseCheckpoint(vectors.note);

  it('with extra data is refused: nobody vouches for it', async () => {
    expect(await withProof(vectors.proof.replace('\nindex', '\nextra AAEC\nindex'))).toEqual([
      ['anchor.checkpoint', 'tlog-proof'],
    ]);
  });

  it('with a signature of an unknown key beside the good one is refused: it could change unseen', async () => {
    const other = parsed.ok ? signCheckpoint(parsed.value, testSigner('stranger'), nodeSha256).split('\n\n')[1] : '';
    expect(await withProof(vectors.proof + other)).toEqual([['anchor.checkpoint', 'tlog-proof']]);
  });

  it('of another entry names both files, since either can be the one that was changed', async () => {
    expect(await withProof(vectors.proof.replace('index 3', 'index 2'))).toEqual([
      ['anchor.inclusion', 'audit-entry.json'],
      ['anchor.inclusion', 'tlog-proof'],
    ]);
  });
});

describe('an anchor', () => {
  const [entryFile, proofFile, statementFile] = ['audit-entry.json', 'tlog-proof', 'statement.dsse.json'];
  const sealed = sealBundle(buildBundle(sampleInput(), nodeSha256), testSigner(), nodeSha256);
  const entry = sampleAuditEntry(sealed);
  const manifest = BundleManifest.parse(JSON.parse(fromUtf8(whole.get('manifest.json')!)!));
  const { keyid } = testSigner();
  const context: AnchorContext = { manifest, keyids: [keyid], trust: testTrust(), witness: null };
  const found = (files: ReadonlyMap<string, Uint8Array>, change: Partial<AnchorContext> = {}) =>
    findingsOf((findings) => checkAnchor(files, { ...context, ...change }, nodeVerifyCrypto, findings));
  const wrong = async (files: ReadonlyMap<string, Uint8Array>, change: Partial<AnchorContext> = {}) =>
    (await found(files, change)).filter(([state]) => state !== 'pass');
  const changed = (path: string, text: string) => new Map([...whole, [path, utf8(text)]]);
  const missing = (...paths: string[]) => new Map([...whole].filter(([path]) => !paths.includes(path)));
  const retired: TrustRoot = rotatedTrust([testSigner(), testSigner('second key')], [6]);
  const present = [
    ['pass', 'anchor.present', entryFile, ''],
    ['pass', 'anchor.present', proofFile, ''],
  ];

  it('passes with all that was looked at', async () => {
    expect(await found(whole)).toEqual([
      ...present,
      ['pass', 'anchor.entry', entryFile, ''],
      ['pass', 'anchor.checkpoint', proofFile, ''],
      ['pass', 'anchor.current', proofFile, ''],
      ['pass', 'anchor.key', statementFile, ''],
      ['pass', 'anchor.inclusion', entryFile, ''],
      ['pass', 'anchor.inclusion', proofFile, ''],
    ]);
  });

  it('is unknown where neither file is there yet, and fails where one of both is', async () => {
    expect(await found(missing(entryFile, proofFile))).toEqual([
      ['unknown', 'anchor.present', proofFile, 'Sealed, but not anchored in the audit log yet.'],
    ]);
    expect(await found(missing(entryFile))).toEqual([
      ['fail', 'anchor.present', entryFile, 'The file is missing.'],
      ['pass', 'anchor.present', proofFile, ''],
      ['pass', 'anchor.checkpoint', proofFile, ''],
    ]);
    expect(await found(missing(proofFile))).toEqual([
      ['pass', 'anchor.present', entryFile, ''],
      ['fail', 'anchor.present', proofFile, 'The file is missing.'],
      ['pass', 'anchor.entry', entryFile, ''],
    ]);
  });

  it('has an entry that tells of this sealing', async () => {
    const other = `sha256:${'0'.repeat(64)}`;
    const tell = async (change: object, files = missing(proofFile), more: Partial<AnchorContext> = {}) => {
      const bytes = canonicalBytes({ ...entry, ...change });
      const all = await wrong(new Map([...files, [entryFile, bytes]]), more);
      return all.filter(([, id]) => id === 'anchor.entry').map(([, , , detail]) => detail);
    };
    const detail = (change: object) => ({ detail: { ...entry.detail, ...change } });
    expect(await tell({})).toEqual([]);
    expect(await tell({ event: 'run.succeeded' })).toEqual(['It tells of run.succeeded.']);
    expect(await tell(detail({ manifest_sha256: other }))).toEqual(['It names another manifest.']);
    expect(await tell(detail({ bundle_id: entry.entry_id }))).toEqual(['It names another bundle.']);
    expect(await tell({ detail: {} })).toEqual(['It names another manifest.', 'It names another bundle.']);
    expect(await tell({ detail: {} }, missing(proofFile, 'manifest.json'), { manifest: null })).toEqual([]);
    expect(await wrong(new Map([...missing(proofFile), [entryFile, utf8('x')]]))).toContainEqual([
      'fail',
      'anchor.entry',
      entryFile,
      'not JSON',
    ]);
  });

  it.each<[string, string | Uint8Array, string]>([
    ['not UTF-8', new Uint8Array([0xff]), 'not UTF-8'],
    [
      'with extra data',
      vectors.proof.replace('\nindex', '\nextra AAEC\nindex'),
      'it carries extra data, which nobody vouches for',
    ],
    [
      'changed',
      vectors.proof.replace('\n6\n', '\n7\n'),
      'the signature of countersign/test-installation does not verify',
    ],
  ])('has no proof that is %s', async (_, proof, reason) => {
    const bytes = typeof proof === 'string' ? utf8(proof) : proof;
    expect(await wrong(new Map([...whole, [proofFile, bytes]]))).toEqual([
      ['fail', 'anchor.checkpoint', proofFile, reason],
    ]);
  });

  it('has no proof that a key beside signed which is not trusted', async () => {
    const read = parseCheckpoint(vectors.note);
    if (!read.ok) throw new TypeError(read.reason);
    const [, strange] = signCheckpoint(read.value, testSigner('stranger'), nodeSha256).split('\n\n');
    expect(await wrong(changed(proofFile, vectors.proof + strange))).toEqual([
      ['fail', 'anchor.checkpoint', proofFile, 'a key that is not trusted signed the checkpoint too'],
    ]);
  });

  it('whose key was retired is vouched for by the log alone', async () => {
    const asked: [number, Uint8Array][] = [];
    const answer = (reason: string | null) => async (size: number, root: Uint8Array) => {
      asked.push([size, root]);
      return reason === null ? valid(null) : invalid(reason);
    };
    expect(await wrong(whole, { trust: retired })).toEqual([
      [
        'unknown',
        'anchor.current',
        proofFile,
        'Only a key signed it that was retired since: whoever holds that key could have made it. ' +
          'Fetch the bundle again, or verify it against the log (--server URL or --log FILE).',
      ],
    ]);
    expect(await wrong(whole, { trust: retired, witness: answer(null) })).toEqual([]);
    expect(await wrong(whole, { trust: retired, witness: answer('the log had another root') })).toEqual([
      ['fail', 'anchor.current', proofFile, 'the log had another root'],
    ]);
    const read = parseCheckpoint(vectors.note);
    expect(asked).toEqual(read.ok ? [6, 6].map((size) => [size, read.value.root]) : []);
    expect(await wrong(whole, { witness: answer('never asked') })).toEqual([]);
    expect(asked.length).toBe(2);
  });

  it('is of a bundle whose signers were in force at its leaf', async () => {
    const [old, next] = rotatedTrust([testSigner(), testSigner('second key')], [3]).keys;
    const trust = {
      ...testTrust(),
      keys: [...testTrust().keys.map((key) => ({ ...key, purposes: ['checkpoint' as const] }))],
    };
    const [early, late] = [
      { ...old!, keyid: 'early' },
      { ...next!, keyid: 'late', from_size: 4 },
    ];
    const keys = [...trust.keys, early, late];
    const problem = (id: string) => ['fail', 'anchor.key', statementFile, `${id} was not in force at leaf 3.`];
    expect(await wrong(whole, { trust: { ...trust, keys }, keyids: ['early', 'late'] })).toEqual([
      problem('early'),
      problem('late'),
    ]);
    expect(await wrong(whole, { trust: { ...trust, keys }, keyids: [keyid] })).toEqual([]);
  });

  it('names both files where entry and proof do not fit', async () => {
    const problem = 'Entry and proof do not fit each other: one of the two was changed.';
    expect(await wrong(changed(proofFile, vectors.proof.replace('index 3', 'index 2')))).toEqual([
      ['fail', 'anchor.inclusion', entryFile, problem],
      ['fail', 'anchor.inclusion', proofFile, problem],
    ]);
  });
});
