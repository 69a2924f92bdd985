import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase64, toBase64 } from './base64.ts';
import { fromHex, toHex } from './hex.ts';
import { fromUtf8, utf8 } from './utf8.ts';

const runs = { seed: 20_261_121, numRuns: 500 };

describe('base64 and hex', () => {
  it('agree with Node in both directions', () => {
    const property = fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
      expect(fromBase64(toBase64(bytes))).toEqual(bytes);
      expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'));
      expect(fromHex(toHex(bytes))).toEqual(bytes);
    });
    fc.assert(property, runs);
  });

  it.each(['QQ', 'QQ=', 'QQ= ', 'QR==', 'QUF=', 'Q===', '====', 'Q-==', 'QQ==\n', 'QQ==QQ=='])('refuses %j', (text) => {
    expect(fromBase64(text)).toBeNull();
  });

  it.each(['a', 'AB', '0g', '0x'])('refuses the hex %j', (text) => {
    expect(() => fromHex(text)).toThrow(TypeError);
  });
});

describe('UTF-8', () => {
  it('is read strictly and keeps a byte order mark', () => {
    expect(fromUtf8(utf8('\uFEFFü🙂'))).toBe('\uFEFFü🙂');
    expect(fromUtf8(new Uint8Array([0xc0, 0x80]))).toBeNull();
    expect(fromUtf8(new Uint8Array([0xed, 0xa0, 0x80]))).toBeNull();
  });
});
