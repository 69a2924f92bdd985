import { expect, it } from 'vitest';
import type { Caller } from '../context/actor.ts';
import { minuteMs, originOf } from '../fixture/fake-sign-in.ts';
import { callerOf } from '../fixture/people.ts';
import { codeOf, password, type SignInWorld, signInWorld, value } from '../fixture/sign-in-world.ts';
import { authenticate } from '../token/authenticate.ts';
import { createToken } from '../token/create-token.ts';
import { beginHostStepUp } from './host-code.ts';
import { stepUp, viewStepUp } from './step-up.ts';

const there = originOf('10.0.0.1');

async function tokenOf(
  world: SignInWorld,
  name: string,
  kind: 'person' | 'agent' | 'service',
): Promise<() => Promise<Caller>> {
  const request = { name, kind, role: 'actions', ...(kind === 'person' ? {} : { owner: 'ada' }) } as const;
  const { token } = value(await createToken(world.context, callerOf('carol'), request));
  return async () => ({ ...value(await authenticate(world.context, token)), correlationId: 'test' });
}

it('a bearer token steps up by a code that stands on the host alone, once, and stays so for five minutes', async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  const ada = await tokenOf(world, 'ada', 'person');
  const bob = await tokenOf(world, 'bob', 'person');
  expect(value(await viewStepUp(context, await ada()))).toEqual({
    methods: ['host'],
    stepped_up_at: null,
    fresh_until: null,
  });
  const begun = value(await beginHostStepUp(context, await ada()));
  const [[file = '', code = ''] = []] = [...signIn.written];
  expect(begun).toEqual({ file: `/data/step-up/${file}.code`, expires_at: context.clock.now() + 5 * minuteMs });
  const told = JSON.stringify(await context.store.read((reads) => reads.audit.query({ limit: 100 })));
  expect(told).toContain('auth.step_up_begun');
  expect(told).not.toContain(code);

  const up = async (who: () => Promise<Caller>, text = code) =>
    codeOf(await stepUp(context, await who(), { method: 'host', code: text }, there));
  expect(await up(ada, `csh_${'A'.repeat(43)}`)).toBe('E_STEP_UP_FAILED');
  expect(await up(ada)).toBe('ok');
  expect(signIn.written.size, 'the file is gone').toBe(0);
  expect((await ada()).steppedUpAt).toBe(context.clock.now());
  expect((await bob()).steppedUpAt).toBeNull();
  expect(await up(ada), 'a second time').toBe('E_STEP_UP_FAILED');
  expect(value(await viewStepUp(context, await ada())).fresh_until).toBe(context.clock.now() + 5 * minuteMs);
  world.pass(5 * minuteMs + 1);
  expect(value(await viewStepUp(context, await ada())).fresh_until).toBeNull();
});

it("a code of the host is worth nothing for another's token, nor when its time is over", async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  const ada = await tokenOf(world, 'ada', 'person');
  const bob = await tokenOf(world, 'bob', 'person');
  const fresh = async () => {
    signIn.written.clear();
    value(await beginHostStepUp(context, await ada()));
    return [...signIn.written.values()][0] ?? '';
  };
  const up = async (who: () => Promise<Caller>, code: string) =>
    codeOf(await stepUp(context, await who(), { method: 'host', code }, there));
  const stolen = await fresh();
  expect(await up(bob, stolen)).toBe('E_STEP_UP_FAILED');
  expect(await up(ada, stolen), 'it was used up').toBe('E_STEP_UP_FAILED');
  const late = await fresh();
  world.pass(5 * minuteMs);
  expect(await up(ada, late)).toBe('E_STEP_UP_FAILED');
  expect((await bob()).steppedUpAt).toBeNull();
  expect(await world.audit('auth.step_up_refused')).toHaveLength(3);
});

it('no agent and no service proves to be a person, and a session is not vouched for by the host', async () => {
  await using world = await signInWorld();
  const { context } = world;
  for (const kind of ['agent', 'service'] as const) {
    const caller = await (await tokenOf(world, 'bot', kind))();
    expect(codeOf(await viewStepUp(context, caller)), kind).toBe('E_AUTH_FORBIDDEN');
    expect(codeOf(await beginHostStepUp(context, caller)), kind).toBe('E_AUTH_FORBIDDEN');
  }
  const session = await world.caller(await world.join('ann'));
  expect(value(await viewStepUp(context, session)).methods).toEqual(['password']);
  expect(codeOf(await beginHostStepUp(context, session))).toBe('E_STEP_UP_FAILED');
});

it('guesses are limited before anything is compared, and two step-ups at once leave one good secret', async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  const secret = await world.join('ann');
  const caller = await world.caller(secret);
  const both = await Promise.all([1, 2].map(() => stepUp(context, caller, { method: 'password', password }, there)));
  const secrets = both.flatMap((each) => (each.ok && each.value.renewed !== null ? [each.value.renewed.secret] : []));
  const open = await Promise.all(
    [secret, ...secrets].map((each) =>
      world.caller(each).then(
        () => 1,
        () => 0,
      ),
    ),
  );
  expect(open.reduce<number>((sum, each) => sum + each, 0)).toBe(1);

  signIn.hashes.compared = 0;
  for (let guess = 0; guess < 100; guess += 1)
    await stepUp(context, caller, { method: 'password', password: `guess ${guess}` }, there);
  expect(signIn.hashes.compared).toBe(8);
});

it('of a token that asks for codes on and on the oldest go, with their files, and no other token notices', async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  const ada = await tokenOf(world, 'ada', 'person');
  const bob = await tokenOf(world, 'bob', 'person');
  value(await beginHostStepUp(context, await bob()));
  const [[, bobsCode = ''] = []] = [...signIn.written];
  for (let time = 0; time < 150; time += 1) {
    world.pass(1);
    expect(codeOf(await beginHostStepUp(context, await ada()))).toBe('ok');
  }
  expect(signIn.written.size).toBe(6);
  const up = async (who: () => Promise<Caller>, code: string) =>
    codeOf(await stepUp(context, await who(), { method: 'host', code }, there));
  expect(await up(bob, bobsCode)).toBe('ok');
  const adasCodes = [...signIn.written.values()];
  expect(adasCodes).toHaveLength(5);
  for (const code of adasCodes) expect(await up(ada, code)).toBe('ok');
  expect(signIn.written.size).toBe(0);
});
