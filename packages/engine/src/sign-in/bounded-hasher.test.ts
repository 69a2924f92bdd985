import { expect, it } from 'vitest';
import { boundHasher } from './bounded-hasher.ts';
import type { PasswordHasher } from './ports.ts';

function slowHasher() {
  const open: (() => void)[] = [];
  let running = 0;
  let most = 0;
  const hasher: PasswordHasher = {
    async hash(password) {
      running += 1;
      most = Math.max(most, running);
      await new Promise<void>((resolve) => open.push(resolve));
      running -= 1;
      if (password === 'bad') throw new Error('no');
      return password;
    },
    verify: async () => true,
    decoy: 'decoy',
    isOutdated: () => false,
  };
  const settle = async (): Promise<void> => {
    for (let turn = 0; turn < 50; turn += 1) {
      open.shift()?.();
      await new Promise(setImmediate);
    }
  };
  return { hasher, settle, most: () => most };
}

it('only so many hashes are computed at once; the others wait their turn, and one that fails gives its place on', async () => {
  const { hasher, settle, most } = slowHasher();
  const bounded = boundHasher(hasher, { atOnce: 2, waiting: 10 });
  const asked = Promise.allSettled(['a', 'bad', 'c', 'bad', 'e', 'f'].map((password) => bounded.hash(password)));
  await settle();
  expect((await asked).map((each) => (each.status === 'fulfilled' ? each.value : 'failed'))).toEqual([
    'a',
    'failed',
    'c',
    'failed',
    'e',
    'f',
  ]);
  expect(most()).toBe(2);
});

it('who would wait behind too many is told to come again', async () => {
  const { hasher, settle } = slowHasher();
  const bounded = boundHasher(hasher, { atOnce: 1, waiting: 1 });
  const asked = Promise.allSettled(['a', 'b', 'c'].map((password) => bounded.hash(password)));
  await settle();
  const [, , third] = await asked;
  expect(third).toMatchObject({ reason: { code: 'E_RATE_LIMITED', detail: { retry_after_ms: 1000 } } });
  await expect(Promise.all([bounded.hash('d'), settle()])).resolves.toBeDefined();
});
