import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/checkpoint.json' with { type: 'json' };
import { buildBundle } from '../bundle/build-bundle.ts';
import { anchorBundle, sealBundle } from '../bundle/seal-bundle.ts';
import { utf8 } from '../bytes/utf8.ts';
import { parseCheckpoint, signCheckpoint } from '../checkpoint/checkpoint.ts';
import { sampleAuditEntry, sampleBundle, sampleProof } from '../fixture/sample-bundle.ts';
import { sampleInput } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
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
