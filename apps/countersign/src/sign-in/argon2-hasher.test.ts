import { parseOptions } from '@node-rs/argon2';
import { expect, it } from 'vitest';
import { argon2Hasher } from './argon2-hasher.ts';

const cost = { algorithm: 2, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

it('makes argon2id of the stated cost, salted anew each time', async () => {
  const [first, second] = await Promise.all([argon2Hasher.hash('secret'), argon2Hasher.hash('secret')]);
  expect(first).not.toBe(second);
  expect(parseOptions(first)).toMatchObject(cost);
  expect([await argon2Hasher.verify(first, 'secret'), await argon2Hasher.verify(first, 'Secret')]).toEqual([
    true,
    false,
  ]);
  expect(argon2Hasher.isOutdated(first)).toBe(false);
  expect(argon2Hasher.isOutdated(first.replace('t=2', 't=1'))).toBe(true);
});

it('compares a name that nobody has with a hash of the same cost', async () => {
  expect(parseOptions(argon2Hasher.decoy)).toEqual(parseOptions(await argon2Hasher.hash('secret')));
  for (const guess of ['', 'password', 'decoy'])
    expect(await argon2Hasher.verify(argon2Hasher.decoy, guess)).toBe(false);
});
