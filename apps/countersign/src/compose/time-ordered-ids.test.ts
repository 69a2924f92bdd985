import { expect, test } from 'vitest';
import { timeOrderedIds } from './time-ordered-ids.ts';

test('ids are UUIDs of version 7, unique, and in the order they were made in, whatever the clock does', () => {
  let at = 1_700_000_000_000;
  const ids = timeOrderedIds(() => at);
  const made: string[] = [];
  for (let index = 0; index < 5000; index += 1) {
    if (index % 700 === 0) at += 1;
    if (index === 2500) at -= 5000;
    made.push(ids.next());
  }
  for (const id of made) expect(id).toMatch(/^018bcfe5-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(new Set(made).size).toBe(made.length);
  expect(made.toSorted()).toEqual(made);
});
