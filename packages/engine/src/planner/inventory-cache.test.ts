import { makeManualClock } from '@countersign/testing';
import { expect, it } from 'vitest';
import { InventoryCache } from './inventory-cache.ts';
import type { ListedNames } from './list-entities.ts';

const web: ListedNames = { names: [{ name: 'web', aliases: [], labels: {} }], problem: null, readAt: 1 };

/** A cache over one list that is answered, or fails, when the test says so. */
function world() {
  const reads: { signal: AbortSignal; answer(names: ListedNames): void; fail(error: Error): void }[] = [];
  const clock = makeManualClock();
  const cache = new InventoryCache(clock);
  const ask = (signal: AbortSignal = new AbortController().signal) =>
    cache.of('dev things', signal, (readSignal) => {
      const { promise, resolve, reject } = Promise.withResolvers<ListedNames>();
      reads.push({ signal: readSignal, answer: resolve, fail: reject });
      return promise;
    });
  return { reads, ask, clock };
}

it('one who goes away ends nothing for the others who wait for the same list', async () => {
  const { reads, ask } = world();
  const first = new AbortController();
  const gone = ask(first.signal);
  const stays = ask();
  first.abort();
  expect(await gone).toMatchObject({ names: [], problem: expect.any(String) });
  expect(reads).toHaveLength(1);
  expect(reads[0]?.signal.aborted).toBe(false);
  const later = ask();
  reads[0]?.answer(web);
  expect([await stays, await later, await ask()]).toEqual([web, web, web]);
  expect(reads).toHaveLength(1);
});

it('a list that all have gone from is not read on, and the next who asks has it read anew', async () => {
  const { reads, ask } = world();
  const waiting = [new AbortController(), new AbortController()];
  const asked = waiting.map(({ signal }) => ask(signal));
  waiting[0]?.abort();
  expect(reads[0]?.signal.aborted).toBe(false);
  waiting[1]?.abort();
  await Promise.all(asked);
  expect(reads[0]?.signal.aborted).toBe(true);
  const next = ask();
  expect(reads).toHaveLength(2);
  reads[0]?.answer({ names: [], problem: 'nobody waits', readAt: null });
  reads[1]?.answer(web);
  expect(await next).toEqual(web);
  expect(await ask()).toEqual(web);
  expect(reads).toHaveLength(2);
});

it('whoever is gone before asking has nothing read; one that goes after the answer spoils nothing', async () => {
  const { reads, ask } = world();
  expect(await ask(AbortSignal.abort())).toMatchObject({ names: [] });
  expect(reads).toHaveLength(0);
  const late = new AbortController();
  const asked = ask(late.signal);
  reads[0]?.answer(web);
  expect(await asked).toEqual(web);
  late.abort();
  expect(await ask()).toEqual(web);
  expect(reads).toHaveLength(1);
});

it('a read that throws is thrown to all who wait, and kept for nobody', async () => {
  const { reads, ask } = world();
  const asked = [ask(), ask()];
  reads[0]?.fail(new Error('broken'));
  for (const each of asked) await expect(each).rejects.toThrow('broken');
  const again = ask();
  reads[1]?.answer(web);
  expect(await again).toEqual(web);
});
