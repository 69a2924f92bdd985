import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/dsse.json' with { type: 'json' };
import { fromUtf8, utf8 } from '../bytes/utf8.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeVerifyCrypto } from '../node.ts';
import { signEnvelope, verifyEnvelope } from './envelope.ts';
import { preAuthEncoding } from './pae.ts';

const type = vectors.payloadType;
const envelope = signEnvelope(type, utf8(vectors.payload), testSigner());
const [signature] = envelope.signatures;

describe('DSSE', () => {
  it('encodes as the specification does, with lengths in bytes', () => {
    expect(fromUtf8(preAuthEncoding(type, utf8(vectors.payload)))).toBe(vectors.preAuthEncoding);
    expect(fromUtf8(preAuthEncoding('ü', utf8('€')))).toBe('DSSEv1 2 ü 3 €');
    expect(fromUtf8(preAuthEncoding('', utf8('')))).toBe('DSSEv1 0  0 ');
  });

  it('signs the same envelope every time, and verifies it', async () => {
    expect(signEnvelope(type, utf8(vectors.payload), testSigner())).toEqual(envelope);
    const opened = await verifyEnvelope(envelope, type, testTrust(), nodeVerifyCrypto);
    expect(opened).toEqual({ ok: true, value: { payload: utf8('hello world'), keyids: [testSigner().keyid] } });
  });

  const stranger = signEnvelope(type, utf8(vectors.payload), testSigner('stranger'));
  it.each([
    ['another payload type', { ...envelope, payloadType: `${type}!` }, 'the payload type is not'],
    ['another payload', { ...envelope, payload: 'aGVsbG8gd29ybGU=' }, 'a signature does not verify'],
    ['sloppy base64', { ...envelope, payload: 'aGVsbG8gd29ybGR=' }, 'the payload is not base64'],
    ['no signature', { ...envelope, signatures: [] }, 'nobody signed it'],
    ['a stranger', stranger, 'a key that is not trusted'],
    ['a stranger beside', { ...envelope, signatures: [...envelope.signatures, ...stranger.signatures] }, 'not trusted'],
    ['one key twice', { ...envelope, signatures: [...envelope.signatures, ...envelope.signatures] }, 'signed twice'],
    [
      "a stranger's signature under a trusted id",
      { ...stranger, signatures: [{ keyid: signature?.keyid ?? '', sig: stranger.signatures[0]?.sig ?? '' }] },
      'does not verify',
    ],
    [
      'a short signature',
      { ...envelope, signatures: [{ keyid: signature?.keyid ?? '', sig: 'AAAA' }] },
      'does not verify',
    ],
    [
      'a signature in sloppy base64',
      { ...envelope, signatures: [{ keyid: signature?.keyid ?? '', sig: `${signature?.sig} ` }] },
      'a signature does not verify',
    ],
  ])('refuses %s', async (_, changed, reason) => {
    const opened = await verifyEnvelope(changed, type, testTrust(), nodeVerifyCrypto);
    expect(opened.ok ? '' : opened.reason).toContain(reason);
  });
});
