import { mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { tempFolder, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { watchFolder } from './watch-folder.ts';

function watched() {
  const parent = tempFolder();
  const folder = join(parent, 'policies');
  mkdirSync(folder);
  const taken: string[] = [];
  const errors: unknown[] = [];
  const state = { failing: 0 };
  const look = (): string =>
    readdirSync(folder)
      .sort()
      .map((name) => `${name}=${readFileSync(join(folder, name), 'utf8')}`)
      .join();
  const take = async (key: string): Promise<void> => {
    state.failing -= 1;
    if (state.failing >= 0) throw new Error('the store takes nothing now');
    taken.push(key);
  };
  const watcher = watchFolder(folder, { look, take }, (error) => errors.push(error));
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  return { parent, folder, taken, errors, state, put, [Symbol.asyncDispose]: () => watcher.stop() };
}

it('what is still being written is not taken over, however long that takes', async () => {
  await using policies = watched();
  const { taken, put } = policies;
  for (let part = 1; part <= 6; part += 1) {
    put('a.cedar', 'permit '.repeat(part));
    await wait(250);
  }
  expect(taken).toEqual([]);
  put('b.cedar', 'forbid');
  const whole = `a.cedar=${'permit '.repeat(6)},b.cedar=forbid`;
  await waitUntil('the whole is taken over', () => taken.length > 0);
  await wait(700);
  expect(taken, 'and nothing else').toEqual([whole]);
});

it('a folder that another took the place of is taken over, and a taking that fails is tried again', async () => {
  await using policies = watched();
  const { parent, folder, taken, errors, state } = policies;
  await waitUntil('the beginning is taken over', () => taken.length > 0);
  state.failing = 1;
  const next = join(parent, 'next');
  mkdirSync(next);
  writeFileSync(join(next, 'own.cedar'), 'new');
  renameSync(folder, join(parent, 'former'));
  renameSync(next, folder);
  await waitUntil('the new folder is taken over', () => taken.length > 1);
  expect(taken).toEqual(['', 'own.cedar=new']);
  expect(errors.map(String)).toEqual(['Error: the store takes nothing now']);
});
