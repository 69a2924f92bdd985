import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/digest.json' with { type: 'json' };
import { fromUtf8, utf8 } from '../bytes/utf8.ts';
import { samplePlan, sampleStatement, sampleVerdict } from '../fixture/sample-input.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import {
  fileDigest,
  fileDigestAsync,
  planDigest,
  planDigestAsync,
  verdictDigest,
  verdictDigestAsync,
} from './digest.ts';
import { planPreimage, statementBytes, verdictPreimage } from './preimage.ts';

describe('digests', () => {
  it('are those of the committed vectors, at once and asynchronously', async () => {
    expect(fromUtf8(planPreimage(samplePlan))).toBe(vectors.planPreimage);
    expect(fromUtf8(verdictPreimage(sampleVerdict))).toBe(vectors.verdictPreimage);
    expect(fromUtf8(statementBytes(sampleStatement('approve')))).toBe(vectors.statement);
    expect(planDigest(samplePlan, nodeSha256)).toBe(vectors.planDigest);
    expect(verdictDigest(sampleVerdict, nodeSha256)).toBe(vectors.verdictDigest);
    expect(await planDigestAsync(samplePlan, nodeVerifyCrypto.sha256)).toBe(vectors.planDigest);
    expect(await verdictDigestAsync(sampleVerdict, nodeVerifyCrypto.sha256)).toBe(vectors.verdictDigest);
  });

  it('hash the tag, a zero byte and the canonical JSON', () => {
    expect(vectors.planPreimage.startsWith('countersign.plan.v1\0{"checks":[')).toBe(true);
    expect(vectors.verdictPreimage.startsWith('countersign.verdict.v1\0{"decision":')).toBe(true);
    expect(fileDigest(utf8(vectors.planPreimage), nodeSha256)).toBe(vectors.planDigest);
  });

  it('do not depend on the order of members', () => {
    const reversed = Object.fromEntries(Object.entries(samplePlan).reverse());
    expect(planDigest({ ...samplePlan, ...reversed }, nodeSha256)).toBe(vectors.planDigest);
  });

  it('hash a file as it is (FIPS 180-4, "abc")', async () => {
    const digest = 'sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
    expect(fileDigest(utf8('abc'), nodeSha256)).toBe(digest);
    expect(await fileDigestAsync(utf8('abc'), nodeVerifyCrypto.sha256)).toBe(digest);
  });
});
