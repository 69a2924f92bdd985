import fc from 'fast-check';
import { expect, it } from 'vitest';
import { CappedText } from './capped-text.ts';

it('keeps the beginning of whatever comes, whole characters only, and says from when on it does not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'grapheme', maxLength: 20 }), { maxLength: 20 }),
      fc.nat(300),
      (texts, capBytes) => {
        const kept = new CappedText(capBytes);
        const answers = texts.map((text) => kept.add(text));
        const whole = Buffer.from(texts.join(''));
        const content = Buffer.from(kept.content());
        expect(content.equals(whole.subarray(0, content.length))).toBe(true);
        expect(content.toString().isWellFormed() && !content.toString().includes('\uFFFD')).toBe(true);
        expect(kept.sizeBytes).toBe(content.length);
        let before = 0;
        const fits = texts.map((text) => {
          before += Buffer.byteLength(text);
          return before <= capBytes;
        });
        expect(answers).toEqual(fits);
        if (whole.length <= capBytes) expect(content.length).toBe(whole.length);
        else expect(capBytes - content.length).toBeLessThan(4);
      },
    ),
  );
});

it('holds far more than it begins with', () => {
  const kept = new CappedText(1_000_000);
  const whole = Array.from({ length: 100_000 }, () => kept.add('0123456789'));
  expect(whole.every(Boolean)).toBe(true);
  expect(kept.add('x')).toBe(false);
  expect(Buffer.from(kept.content()).toString()).toBe('0123456789'.repeat(100_000));
});
