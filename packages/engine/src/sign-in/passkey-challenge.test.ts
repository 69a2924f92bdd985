import { expect, it } from 'vitest';
import { signInWorld } from '../fixture/sign-in-world.ts';
import { newChallenge, takeChallenge } from './passkey-challenge.ts';
import { addressOwner, personOwner } from './sign-in-owner.ts';

const answering = (challenge: string): string => Buffer.from(JSON.stringify({ challenge })).toString('base64url');

it('whoever begins proofs on and on loses their own oldest, and shuts nobody else out', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const stepUp = (person: string) => newChallenge(context, { for: 'step_up', person }, personOwner(person));
  const bobs = await stepUp('bob');
  const adas: string[] = [];
  for (let time = 0; time < 30; time += 1) {
    world.pass(1);
    adas.push(await stepUp('ada'));
  }
  const stands = async (challenge: string) => (await takeChallenge(context, answering(challenge)))?.purpose ?? null;
  expect(await stands(bobs)).toEqual({ for: 'step_up', person: 'bob' });
  const standing = [];
  for (const challenge of adas) standing.push(await stands(challenge));
  expect(standing.map((purpose) => purpose !== null)).toEqual(adas.map((_, time) => time >= 10));
});

it('a full house takes from the address that has most', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const small = { perOwner: 400, total: 12 };
  const begin = (address: string) =>
    newChallenge(context, { for: 'sign_in' }, { ...addressOwner(address), room: small });
  const first = await begin('192.0.2.1');
  for (let time = 0; time < 20; time += 1) await begin(`2001:db8:0:1::${time}`);
  await begin('192.0.2.2');
  expect(await takeChallenge(context, answering(first))).not.toBeNull();
  expect(await context.store.read((reads) => reads.signIns.count('passkey'))).toBe(11);
});
