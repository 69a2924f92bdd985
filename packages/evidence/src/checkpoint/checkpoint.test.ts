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

  const threeLines = 'a checkpoint has exactly an origin, a size and a root';
  const signatures = note.slice(note.indexOf('\n\n') + 2);
  it.each([
    ['no final newline', note.slice(0, -1), 'no signature line that ends in a newline'],
    ['a carriage return', note.replace('\n', '\r\n'), 'a control character or broken text'],
    ['a leading zero', note.replace(`\n${size}\n`, `\n0${size}\n`), 'a malformed size or root'],
    ['a size beyond 2^53', note.replace(`\n${size}\n`, '\n9007199254740993\n'), 'a malformed size or root'],
    ['an extension line', note.replace('\n\n', '\nmore\n\n'), threeLines],
    ['a blank line', note.replace('\n\n', '\n\n\n'), threeLines],
    ['a short root', note.replace(/\n[^\n]+\n\n/, '\nAAAA\n\n'), 'a malformed size or root'],
    ['a root that is not base64', note.replace(/\n[^\n]+\n\n/, '\nAAA\n\n'), 'a malformed size or root'],
    ['a hyphen for the em dash', note.replace('—', '-'), 'a malformed signature line'],
    ['two spaces', note.replace('— ', '—  '), 'a malformed signature line'],
    ['something before a signature', note.replace('— ', 'x— '), 'a malformed signature line'],
    ['something after a signature', `${note.slice(0, -1)} x\n`, 'a malformed signature line'],
    ['a signature that is not base64', `${note.slice(0, -2)}\n`, 'a malformed signature line'],
    ['a signature without bytes', `${note}— x AAAAAA==\n`, 'a malformed signature line'],
    ['no signature', note.slice(0, note.indexOf('\n\n') + 2), 'no signature line that ends in a newline'],
    ['seventeen signatures', note + signatures.repeat(16), 'more than 16 signatures'],
    ['text after the signatures', `${note}x`, 'no signature line that ends in a newline'],
    ['an empty text', '', 'no blank line before the signatures'],
    ['a space in the origin', note.replace(origin, `${origin} x`), 'a malformed origin'],
    ['a no-break space in the origin', note.replace(origin, `${origin}\u00A0x`), 'a malformed origin'],
    ['a plus in the origin', note.replace(origin, `${origin}+x`), 'a malformed origin'],
    ['a tab', note.replace('\n\n', '\n\tmore\n\n'), 'a control character or broken text'],
    ['a lone surrogate', note.replace(origin, `${origin}\uD800`), 'a control character or broken text'],
    ['one line too few', note.replace(`${origin}\n`, ''), threeLines],
  ])('are refused with %s', (_, changed, reason) => {
    expect(parseCheckpoint(changed)).toEqual({ ok: false, reason });
  });

  it('are not written from what cannot stand in them', () => {
    for (const name of ['', 'a b', ' a', 'a ', 'a+', '+a', 'a\u00A0', 'a\u0000', 'a\n', 'a\uD800']) {
      expect(() => formatCheckpoint({ ...checkpoint, origin: name })).toThrow(new TypeError('not a checkpoint origin'));
    }
    for (const length of [0, 31, 33]) {
      expect(() => formatCheckpoint({ ...checkpoint, root: new Uint8Array(length) })).toThrow(
        new TypeError('a root has 32 bytes'),
      );
    }
    for (const none of [1.5, -1, 2 ** 53, Number.NaN]) {
      expect(() => formatCheckpoint({ ...checkpoint, size: none })).toThrow(new RangeError(`not a tree size: ${none}`));
    }
    const least = { origin: 'ü', size: 0, root: new Uint8Array(32) };
    expect(formatCheckpoint(least)).toBe(`ü\n0\n${'A'.repeat(43)}=\n`);
  });

  it('are refused as a whole when one signature of a known key fails', async () => {
    const elsewhere = signCheckpoint({ ...checkpoint, size: size + 1 }, testSigner(), nodeSha256);
    const verified = await verifyCheckpoint(note + elsewhere.split('\n\n')[1], trust, nodeVerifyCrypto);
    expect(verified).toEqual({ ok: false, reason: `the signature of ${origin} does not verify` });
    expect(await verifyCheckpoint('', trust, nodeVerifyCrypto)).toEqual({
      ok: false,
      reason: 'no blank line before the signatures',
    });
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
    expect(await verifyTlogProof(proof, utf8(`${entry} `), trust, nodeVerifyCrypto)).toEqual({
      ok: false,
      reason: 'the entry is not at that place in the log',
    });
  });

  it('are refused when they cannot be read or nobody known signed them', async () => {
    expect(await verifyTlogProof('', utf8(entry), trust, nodeVerifyCrypto)).toEqual({
      ok: false,
      reason: 'not a tlog-proof of version 1',
    });
    const strangers = testTrust(testSigner('stranger'));
    const verified = await verifyTlogProof(proof, utf8(entry), strangers, nodeVerifyCrypto);
    expect(verified).toEqual({ ok: false, reason: 'no trusted key signed it' });
  });

  it('carry extra data, which is not trusted', () => {
    const parsed = parseTlogProof(proof.replace('\nindex', '\nextra AAEC\nindex'));
    expect(parsed).toMatchObject({ ok: true, value: { index: 3, extra: new Uint8Array([0, 1, 2]) } });
    expect(parseTlogProof(proof)).toMatchObject({ ok: true, value: { index: 3, extra: null } });
  });

  it('have up to 64 hashes', () => {
    const hashes = Array.from({ length: 64 }, (_, at) => new Uint8Array(32).fill(at));
    const long = { index: 2 ** 53 - 1, hashes, checkpoint: note, extra: new Uint8Array() };
    expect(parseTlogProof(formatTlogProof(long))).toEqual({ ok: true, value: long });
  });

  it.each([
    ['another version', proof.replace('@v1', '@v2'), 'not a tlog-proof of version 1'],
    ['no blank line', proof.slice(0, proof.indexOf('\n\n') + 1), 'not a tlog-proof of version 1'],
    ['nothing below the version', `${proof.slice(0, proof.indexOf('\n'))}\n\n${note}`, 'a malformed index'],
    ['an index with a leading zero', proof.replace('index 3', 'index 03'), 'a malformed index'],
    ['an index that is none', proof.replace('index 3', 'index three'), 'a malformed index'],
    ['an index by another name', proof.replace('index 3', 'Index 3'), 'a malformed index'],
    ['sloppy extra data', proof.replace('\nindex', '\nextra AAE\nindex'), 'not in its one exact form'],
    ['extra data twice', proof.replace('\nindex', '\nextra AAEC\nextra AAEC\nindex'), 'a malformed index'],
    ['a short hash', proof.replace('index 3\n', 'index 3\nAAAA\n'), 'a malformed hash'],
    ['a hash that is not base64', proof.replace('index 3\n', 'index 3\nAAA\n'), 'a malformed hash'],
    [
      'endless hashes',
      proof.replace(/index 3\n.*?\n\n/s, `index 3\n${`${'A'.repeat(43)}=\n`.repeat(65)}\n`),
      'more hashes than any tree is high',
    ],
    ['no checkpoint', proof.slice(0, proof.indexOf('\n\n') + 2), 'no blank line before the signatures'],
    ['carriage returns', proof.replaceAll('\n', '\r\n'), 'not a tlog-proof of version 1'],
  ])('are refused with %s', (_, changed, reason) => {
    expect(parseTlogProof(changed)).toEqual({ ok: false, reason });
  });
});
