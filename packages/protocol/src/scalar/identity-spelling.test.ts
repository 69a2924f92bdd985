import fc from 'fast-check';
import { expect, it } from 'vitest';
import { runIdOf, ulidOf, uuidOfRunId, uuidOfUlid } from './identity-spelling.ts';
import { Uuid } from './scalar.ts';

const uuids = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) =>
  Buffer.from(bytes)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'),
);

it('spells a known UUID as the ULID with the same bits', () => {
  expect(ulidOf('00000000-0000-0000-0000-000000000000')).toBe('00000000000000000000000000');
  expect(ulidOf('ffffffff-ffff-ffff-ffff-ffffffffffff')).toBe('7ZZZZZZZZZZZZZZZZZZZZZZZZZ');
  // The example of the ULID specification's reference implementations: 01ARZ3NDEKTSV4RRFFQ69G5FAV.
  expect(uuidOfUlid('01ARZ3NDEKTSV4RRFFQ69G5FAV')).toBe('01563e3a-b5d3-d676-4c61-efb99302bd5b');
});

it('there and back gives the same 128 bits', () => {
  fc.assert(
    fc.property(uuids, (uuid) => {
      expect(uuidOfUlid(ulidOf(uuid))).toBe(uuid);
      expect(uuidOfRunId(runIdOf(uuid))).toBe(uuid);
    }),
  );
});

it('keeps the order of time', () => {
  fc.assert(
    fc.property(uuids, uuids, (a, b) => {
      expect(ulidOf(a) < ulidOf(b)).toBe(a < b);
    }),
  );
});

it('back and there gives the same text, or null', () => {
  const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
  const texts = fc.string({ unit: fc.constantFrom(...digits, 'I', 'L', 'O', 'U', 'a'), minLength: 25, maxLength: 27 });
  fc.assert(
    fc.property(texts, (text) => {
      const uuid = uuidOfUlid(text);
      if (uuid === null) return;
      expect(ulidOf(uuid)).toBe(text);
      expect(uuid).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    }),
  );
});

it('refuses what is no run id', () => {
  const run = runIdOf('019ab000-0000-7000-8000-000000000001');
  expect(uuidOfRunId(run)).toSatisfy((uuid) => Uuid.safeParse(uuid).success);
  for (const text of [
    '',
    'r_',
    run.slice(2),
    `d_${run.slice(2)}`,
    `${run}0`,
    run.toLowerCase(),
    `r_8${run.slice(3)}`,
  ]) {
    expect(uuidOfRunId(text)).toBeNull();
  }
});
