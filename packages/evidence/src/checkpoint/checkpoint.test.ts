import { describe, expect, it } from 'vitest';
import vectors from '../../vectors/checkpoint.json' with { type: 'json' };
import noteVector from '../../vectors/signed-note.json' with { type: 'json' };
import { fromBase64 } from '../bytes/base64.ts';
import { fromHex, toHex } from '../bytes/hex.ts';
import { utf8 } from '../bytes/utf8.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { formatCheckpoint, parseCheckpoint, signCheckpoint } from './checkpoint.ts';
import { noteKeyPreimage, parseNote } from './signed-note.ts';
import { formatTlogProof, parseTlogProof, verifyTlogProof } from './tlog-proof.ts';
import { verifyCheckpoint } from './verify-checkpoint.ts';

const { note, origin, size, rootHex, proof, entry } = vectors;
const checkpoint = { origin, size, root: fromHex(rootHex) };
const trust = testTrust();

describe('signed notes', () => {
  it('agree with the published note: key id, form and signature', async () => {
    const publicKey = (fromBase64(noteVector.typedPublicKey) ?? new Uint8Array()).slice(1);
    const keyHash = nodeSha256(noteKeyPreimage(noteVector.name, publicKey));
    expect(toHex(keyHash.slice(0, 4))).toBe(noteVector.keyIdHex);
    const parsed = parseNote(noteVector.note);
    const [line] = parsed.ok ? parsed.value.signatures : [];
    expect(line?.name).toBe(noteVector.name);
    expect(toHex(line?.keyId ?? new Uint8Array())).toBe(noteVector.keyIdHex);
    const text = utf8(parsed.ok ? parsed.value.text : '');
    const signature = line?.signature ?? new Uint8Array();
    expect(await nodeVerifyCrypto.verifyEd25519(publicKey, text, signature)).toBe(true);
  });
});

describe('checkpoints', () => {
  it('are signed as committed, read and verified', async () => {
    expect(signCheckpoint(checkpoint, testSigner(), nodeSha256)).toBe(note);
    expect(parseCheckpoint(note)).toMatchObject({ ok: true, value: checkpoint });
    expect(await verifyCheckpoint(note, trust, nodeVerifyCrypto)).toMatchObject({
      ok: true,
      value: { ...checkpoint, unknownSignatures: 0 },
    });
  });

  it('count signatures of keys that are not known, and need one that is', async () => {
    const [, stranger] = signCheckpoint(checkpoint, testSigner('stranger'), nodeSha256).split('\n\n');
    const verified = await verifyCheckpoint(note + stranger, trust, nodeVerifyCrypto);
    expect(verified).toMatchObject({ ok: true, value: { unknownSignatures: 1 } });
    const alone = await verifyCheckpoint(`${formatCheckpoint(checkpoint)}\n${stranger}`, trust, nodeVerifyCrypto);
    expect(alone).toEqual({ ok: false, reason: 'no trusted key signed it' });
  });

  it.each([
    ['no final newline', note.slice(0, -1)],
    ['a carriage return', note.replace('\n', '\r\n')],
    ['a leading zero', note.replace(`\n${size}\n`, `\n0${size}\n`)],
    ['a size beyond 2^53', note.replace(`\n${size}\n`, '\n9007199254740993\n')],
    ['an extension line', note.replace('\n\n', '\nmore\n\n')],
    ['a short root', note.replace(/\n[^\n]+\n\n/, '\nAAAA\n\n')],
    ['a hyphen for the em dash', note.replace('—', '-')],
    ['two spaces', note.replace('— ', '—  ')],
    ['no signature', `${formatCheckpoint(checkpoint)}\n`],
    ['seventeen signatures', `${formatCheckpoint(checkpoint)}\n${(note.split('\n\n')[1] ?? '').repeat(17)}`],
    ['text after the signatures', `${note}x`],
    ['an empty text', ''],
    ['a space in the origin', note.replace(origin, `${origin} x`)],
    ['a no-break space in the origin', note.replace(origin, `${origin}\u00A0x`)],
    ['a plus in the origin', note.replace(origin, `${origin}+x`)],
    ['a tab', note.replace('\n\n', '\n\tmore\n\n')],
    ['a lone surrogate', note.replace(origin, `${origin}\uD800`)],
    ['one line too few', note.replace(`${origin}\n`, '')],
  ])('are refused with %s', (_, changed) => {
    expect(parseCheckpoint(changed).ok).toBe(false);
  });

  it('are not written from what cannot stand in them', () => {
    expect(() => formatCheckpoint({ ...checkpoint, origin: 'a b' })).toThrow(TypeError);
    expect(() => formatCheckpoint({ ...checkpoint, root: new Uint8Array(31) })).toThrow(TypeError);
    expect(() => formatCheckpoint({ ...checkpoint, size: 1.5 })).toThrow(RangeError);
  });

  it('are refused as a whole when one signature of a known key fails', async () => {
    const elsewhere = signCheckpoint({ ...checkpoint, size: size + 1 }, testSigner(), nodeSha256);
    const verified = await verifyCheckpoint(note + elsewhere.split('\n\n')[1], trust, nodeVerifyCrypto);
    expect(verified).toEqual({ ok: false, reason: `the signature of ${origin} does not verify` });
    expect((await verifyCheckpoint('', trust, nodeVerifyCrypto)).ok).toBe(false);
  });

  it('of another installation are refused', async () => {
    const elsewhere = signCheckpoint({ ...checkpoint, origin: 'countersign/other' }, testSigner(), nodeSha256);
    const verified = await verifyCheckpoint(elsewhere, trust, nodeVerifyCrypto);
    expect(verified).toEqual({ ok: false, reason: `the origin is not ${origin}` });
  });
});

describe('tlog-proofs', () => {
  it('come back byte for byte and verify the entry only', async () => {
    const parsed = parseTlogProof(proof);
    expect(parsed.ok && formatTlogProof(parsed.value)).toBe(proof);
    const verified = await verifyTlogProof(proof, utf8(entry), trust, nodeVerifyCrypto);
    expect(verified).toMatchObject({ ok: true, value: { index: 3 } });
    expect((await verifyTlogProof(proof, utf8(`${entry} `), trust, nodeVerifyCrypto)).ok).toBe(false);
  });

  it('are refused when they cannot be read or nobody known signed them', async () => {
    expect((await verifyTlogProof('', utf8(entry), trust, nodeVerifyCrypto)).ok).toBe(false);
    const strangers = testTrust(testSigner('stranger'));
    const verified = await verifyTlogProof(proof, utf8(entry), strangers, nodeVerifyCrypto);
    expect(verified).toEqual({ ok: false, reason: 'no trusted key signed it' });
  });

  it('carry extra data, which is not trusted', () => {
    const parsed = parseTlogProof(proof.replace('\nindex', '\nextra AAEC\nindex'));
    expect(parsed).toMatchObject({ ok: true, value: { extra: new Uint8Array([0, 1, 2]) } });
  });

  it.each([
    ['another version', proof.replace('@v1', '@v2')],
    ['an index with a leading zero', proof.replace('index 3', 'index 03')],
    ['an index that is none', proof.replace('index 3', 'index three')],
    ['sloppy extra data', proof.replace('\nindex', '\nextra AAE\nindex')],
    ['a short hash', proof.replace('index 3\n', 'index 3\nAAAA\n')],
    ['endless hashes', proof.replace('index 3\n', `index 3\n${`${'A'.repeat(43)}=\n`.repeat(65)}`)],
    ['no checkpoint', proof.slice(0, proof.indexOf('\n\n') + 2)],
    ['carriage returns', proof.replaceAll('\n', '\r\n')],
  ])('are refused with %s', (_, changed) => {
    expect(parseTlogProof(changed).ok).toBe(false);
  });
});
