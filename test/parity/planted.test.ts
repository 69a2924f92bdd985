import { generateSigningKey } from '@countersign/evidence/node';
import { expect, test } from 'vitest';
import { differenceOf } from './dump.ts';
import { sequenceOf } from './parity-command.ts';
import { Player, postgresSide, sqliteSide } from './side.ts';

const seeds = [3, 4, 5];

test('parity shows one value that differs in one row of one table [postgres]', async () => {
  const key = generateSigningKey();
  await using sqlite = await sqliteSide(key);
  await using postgres = await postgresSide(key);
  for (const side of [sqlite, postgres]) {
    const player = new Player(side);
    for (const [index, seed] of seeds.entries()) await player.play(index, sequenceOf(seed));
  }
  expect(differenceOf(await sqlite.dump(), await postgres.dump())).toBeNull();
  await sqlite.bench.store.write((unit) => unit.settings.set('planted', { is: 0.1 + 0.2 }));
  await postgres.bench.store.write((unit) => unit.settings.set('planted', { is: 0.3 }));
  expect(differenceOf(await sqlite.dump(), await postgres.dump())).toMatch(/^setting: /);
  await postgres.bench.store.write((unit) => unit.settings.set('planted', { is: 0.1 + 0.2 }));
  expect(differenceOf(await sqlite.dump(), await postgres.dump())).toBeNull();
  await postgres.bench.store.write((unit) => unit.settings.set('one more', 1));
  expect(differenceOf(await sqlite.dump(), await postgres.dump())).toMatch(/^setting: \d+ and \d+ rows/);
});

test('the same seed is the same sequence, another is another', () => {
  expect(sequenceOf(7)).toEqual(sequenceOf(7));
  expect(sequenceOf(7)).not.toEqual(sequenceOf(8));
});
