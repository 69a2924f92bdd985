import { BundleManifest, BundleStatement, DsseEnvelope } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { buildBundle } from '../bundle/build-bundle.ts';
import { sealBundle } from '../bundle/seal-bundle.ts';
import { fromBase64 } from '../bytes/base64.ts';
import { fromUtf8, utf8 } from '../bytes/utf8.ts';
import { canonicalBytes } from '../canonical/canonical.ts';
import { signEnvelope } from '../dsse/envelope.ts';
import { findingsOf } from '../fixture/findings-of.ts';
import { sampleInput } from '../fixture/sample-input.ts';
import { testInstallation, testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { checkManifest, checkStatement, type SignedStatement } from './check-statement.ts';

const trust = testTrust();
const { keyid } = testSigner();
const whole = sealBundle(buildBundle(sampleInput(), nodeSha256), testSigner(), nodeSha256).files;
const json = (bytes: Uint8Array | null | undefined): unknown => JSON.parse(fromUtf8(bytes!)!);
const envelope = DsseEnvelope.parse(json(whole.get('statement.dsse.json')));
const statement = BundleStatement.parse(json(fromBase64(envelope.payload)));
const manifest = BundleManifest.parse(json(whole.get('manifest.json')));
const changed = (path: string, bytes: Uint8Array) => new Map([...whole, [path, bytes]]);
function missing(path: string) {
  const files = new Map(whole);
  files.delete(path);
  return files;
}

describe('the signed statement', () => {
  const file = 'statement.dsse.json';
  async function check(files: ReadonlyMap<string, Uint8Array>, root = trust) {
    const answers: SignedStatement[] = [];
    const found = await findingsOf(async (findings) => {
      answers.push(await checkStatement(files, root, nodeVerifyCrypto, findings));
    });
    return { found, answer: answers[0] };
  }
  const unsigned = { statement: null, keyids: [] };
  const signed = ['pass', 'statement.signature', file, `Signed by ${keyid}.`];

  it('is answered with the keys that signed it', async () => {
    expect(await check(whole)).toEqual({
      found: [signed, ['pass', 'statement.content', file, '']],
      answer: { statement, keyids: [keyid] },
    });
  });

  it('by two keys names both', async () => {
    const other = testSigner('second key');
    const both = signEnvelope(envelope.payloadType, canonicalBytes(statement), other).signatures;
    const bytes = canonicalBytes({ ...envelope, signatures: [...envelope.signatures, ...both] });
    const keys = [...trust.keys, ...testTrust(other).keys];
    const { found, answer } = await check(changed(file, bytes), { ...trust, keys });
    expect(found[0]).toEqual(['pass', 'statement.signature', file, `Signed by ${keyid}, ${other.keyid}.`]);
    expect(answer?.keyids).toEqual([keyid, other.keyid]);
  });

  it.each<[string, ReadonlyMap<string, Uint8Array>, string]>([
    ['is missing', missing(file), 'The file is missing: nobody vouches for this bundle.'],
    ['is no JSON', changed(file, utf8('x')), 'not JSON'],
    [
      'has another payload type',
      changed(file, canonicalBytes(signEnvelope('text/plain', canonicalBytes(statement), testSigner()))),
      'the payload type is not application/vnd.in-toto+json',
    ],
  ])('fails where it %s', async (_, files, reason) => {
    expect(await check(files)).toEqual({ found: [['fail', 'statement.signature', file, reason]], answer: unsigned });
  });

  it('by a key that may not sign bundles fails', async () => {
    const keys = trust.keys.map((key) => ({ ...key, purposes: ['checkpoint' as const, 'approval' as const] }));
    expect(await check(whole, { ...trust, keys })).toEqual({
      found: [['fail', 'statement.signature', file, 'a signature names a key that is not trusted']],
      answer: unsigned,
    });
  });

  it('that is none, though it was signed, fails by its content', async () => {
    const bytes = canonicalBytes(signEnvelope(envelope.payloadType, utf8('x'), testSigner()));
    expect(await check(changed(file, bytes))).toEqual({
      found: [signed, ['fail', 'statement.content', file, 'not JSON']],
      answer: { statement: null, keyids: [keyid] },
    });
  });
});

describe('the manifest', () => {
  const file = 'manifest.json';
  async function check(files: ReadonlyMap<string, Uint8Array>, by: BundleStatement | null = null, root = trust) {
    const answers: (BundleManifest | null)[] = [];
    const found = await findingsOf(async (findings) => {
      answers.push(await checkManifest(files, by, root, nodeVerifyCrypto, findings));
    });
    return { found, answer: answers[0] };
  }
  const withFiles = (paths: readonly string[]) => {
    const sha256 = `sha256:${'0'.repeat(64)}`;
    const bytes = canonicalBytes({ ...manifest, files: paths.map((path) => ({ path, size_bytes: 0, sha256 })) });
    return check(changed(file, bytes));
  };
  const form = [['pass', 'manifest.form', file, '']];

  it('is answered, and is what was signed', async () => {
    const subject = ['pass', 'statement.subject', file, ''];
    expect(await check(whole, statement)).toEqual({ found: [subject, ...form], answer: manifest });
    expect(await check(whole)).toEqual({ found: form, answer: manifest });
  });

  it('is not what was signed where the name or the hash is another', async () => {
    const [subject] = statement.subject;
    for (const other of [
      { ...subject!, name: 'run.json' },
      { ...subject!, digest: { sha256: '0'.repeat(64) } },
    ]) {
      expect((await check(whole, { ...statement, subject: [other] })).found).toEqual([
        ['fail', 'statement.subject', file, 'Not the file whose hash was signed.'],
        ...form,
      ]);
    }
  });

  it('fails where it is missing or not of its form, whoever signed it', async () => {
    const failed = (reason: string) => ['fail', 'manifest.form', file, reason];
    expect(await check(missing(file), statement)).toEqual({ found: [failed('The file is missing.')], answer: null });
    expect(await check(changed(file, utf8('x')))).toEqual({ found: [failed('not JSON')], answer: null });
  });

  it('lists its files sorted by code units, each once', async () => {
    const failed = [['fail', 'manifest.form', file, 'The files are not sorted by path, each once.']];
    for (const paths of [['A'], ['A', 'a'], ['a', 'aa', 'b'], ['Z', 'a', 'ä', '漢']]) {
      expect((await withFiles(paths)).found).toEqual(form);
    }
    for (const paths of [
      ['a', 'a'],
      ['a', 'A'],
      ['b', 'a', 'c'],
      ['a', 'c', 'b'],
    ]) {
      expect((await withFiles(paths)).found).toEqual(failed);
    }
  });

  it('is of the installation that is trusted', async () => {
    const { found, answer } = await check(whole, null, { ...trust, installation: 'other' });
    const reason = `It is of installation ${testInstallation}, not other.`;
    expect(found).toEqual([['fail', 'manifest.form', file, reason]]);
    expect(answer).toEqual(manifest);
  });
});
