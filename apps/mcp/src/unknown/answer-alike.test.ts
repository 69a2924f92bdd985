import { ProtocolError } from '@modelcontextprotocol/server';
import { expect, test } from 'vitest';
import { answerAlike, refusalStepMs, unknownId } from './answer-alike.ts';

/** A clock that stands still but for what is told to take time. */
function standing() {
  const pauses: number[] = [];
  let at = 1000;
  const pace = {
    now: () => at,
    pause: async (ms: number) => {
      pauses.push(ms);
      at += ms;
    },
  };
  return { pace, pauses, pass: (ms: number) => (at += ms), at: () => at };
}

test.each([0, 1, 7, 49])('a refusal comes at the same time whatever looking took: %i ms (OR-7)', async (tookMs) => {
  const { pace, pass, at } = standing();
  const refused = answerAlike(pace, 'a_x', async () => {
    pass(tookMs);
    return null;
  });
  await expect(refused).rejects.toMatchObject({ code: -32_602 });
  expect(at()).toBe(1000 + refusalStepMs);
});

test('what is found is answered at once, and a fault is no refusal', async () => {
  const { pace, pauses } = standing();
  expect(await answerAlike(pace, 'a_x', async () => 'found')).toBe('found');
  const fault = answerAlike(pace, 'a_x', async () => {
    throw new Error('broken');
  });
  await expect(fault).rejects.toThrow('broken');
  expect(pauses).toEqual([]);
});

test('the words are the same but for the id, which cannot deceive or grow', () => {
  const words = (id: string) => unknownId(id).message.replace(/"[^"]*"/, '…');
  expect(new Set(['a_1', 'd_1', '', 'r_9', 'x y'].map(words)).size).toBe(1);
  expect(unknownId('a\n\u{202e}b').message).toBe('Nothing approved is known here as "a\\n\\u{202E}b".');
  expect(unknownId('x'.repeat(100_000)).message.length).toBeLessThan(150);
  expect(unknownId('a')).toBeInstanceOf(ProtocolError);
});
