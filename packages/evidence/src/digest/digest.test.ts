import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/digest.json' with { type: 'json' };
import { fromHex, toHex } from '../bytes/hex.ts';
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
import { hmacSha256, sealedMark } from './sealed-mark.ts';

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

describe('sealed mark', () => {
  it.each([
    ['0b'.repeat(20), 'Hi There', 'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7'],
    ['4a656665', 'what do ya want for nothing?', '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843'],
    [
      'aa'.repeat(131),
      'Test Using Larger Than Block-Size Key - Hash Key First',
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('stands on HMAC-SHA-256 (RFC 4231, key %s)', (key, message, mac) => {
    expect(toHex(hmacSha256(fromHex(key), utf8(message), nodeSha256))).toBe(mac);
  });

  it('is equal for equal values only, and only under the same key', () => {
    const key = new Uint8Array(32).fill(1);
    const mark = sealedMark('hunter2', key, nodeSha256);
    expect(mark.$sealed).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect(sealedMark('hunter2', key, nodeSha256)).toEqual(mark);
    expect(sealedMark('hunter3', key, nodeSha256)).not.toEqual(mark);
    expect(sealedMark('hunter2', new Uint8Array(32).fill(2), nodeSha256)).not.toEqual(mark);
    expect(() => sealedMark('x', new Uint8Array(31), nodeSha256)).toThrow(RangeError);
  });
});
