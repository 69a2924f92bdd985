import { expect, it } from 'vitest';
import { z } from 'zod';
import { oneSecret, signatureSecret, uniqueNames } from './entry-rules.ts';

const List = z.array(z.strictObject({ name: z.string() })).superRefine(uniqueNames);
const Signed = z.strictObject(signatureSecret).refine(...oneSecret);
const problems = (outcome: z.ZodSafeParseResult<unknown>) =>
  outcome.error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];

it('a name that stands again is told of where it does', () => {
  expect(problems(List.safeParse([{ name: 'a' }, { name: 'b' }, { name: 'a' }, { name: 'b' }]))).toEqual([
    '2.name: the name "a" is used twice',
    '3.name: the name "b" is used twice',
  ]);
  expect(problems(List.safeParse([{ name: 'a' }, { name: 'A' }]))).toEqual([]);
});

it('a secret stands at exactly one of two places', () => {
  const either = ['secret_file: expected either secret_file or secret_env'];
  expect(problems(Signed.safeParse({}))).toEqual(either);
  expect(problems(Signed.safeParse({ secret_file: 'a', secret_env: 'B' }))).toEqual(either);
  for (const one of [{ secret_file: 'a' }, { secret_env: 'B' }]) expect(problems(Signed.safeParse(one))).toEqual([]);
});
