import { TOTP } from 'otpauth';
import { expect, it } from 'vitest';
import { beginTotp, confirmTotp, readAccount, removeTotp } from '../factor/own-factors.ts';
import { minuteMs, originOf } from '../fixture/fake-sign-in.ts';
import { codeOf, opens, password, signInWorld, value } from '../fixture/sign-in-world.ts';
import { changePassword } from '../person/change-password.ts';
import { stepUp, viewStepUp } from '../step-up/step-up.ts';
import { signInWithPassword } from './sign-in-with-password.ts';

const there = originOf('10.0.0.1');
const elsewhere = originOf('10.9.9.9');

it('a wrong password, a name that nobody has and a disabled person get the same answer, each after one comparison', async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  await world.join('ann');
  const tries = [
    { name: 'ann', password: 'not the right one' },
    { name: 'nobody', password },
    { name: 'Ann', password },
  ];
  const answers = [];
  for (const request of tries) {
    const before = signIn.hashes.compared;
    answers.push(await signInWithPassword(context, request, there));
    expect(signIn.hashes.compared - before).toBe(1);
  }
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(codeOf(answers[0] ?? { ok: true, value: null })).toBe('E_SIGN_IN_FAILED');
  // Somebody may have typed a password where the name goes: it is not written down.
  const refused = await context.store.read((reads) =>
    reads.audit.query({ events: ['auth.sign_in_refused'], limit: 10 }),
  );
  expect(refused.map(({ body }) => body.subject.id)).toEqual(['ann', 'unknown', 'unknown']);
});

it('10,000 guesses from one address cost ten comparisons, and the right password from elsewhere still works', async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  await world.join('ann');
  signIn.hashes.compared = 0;
  const guesses = Number(process.env['COUNTERSIGN_GUESSES'] ?? '1000');
  const codes = new Map<string, number>();
  for (let guess = 0; guess < guesses; guess += 1) {
    const answer = codeOf(await signInWithPassword(context, { name: 'ann', password: `guess ${guess}` }, there));
    codes.set(answer, (codes.get(answer) ?? 0) + 1);
  }
  expect(signIn.hashes.compared).toBe(10);
  expect(Object.fromEntries(codes)).toEqual({ E_SIGN_IN_FAILED: 10, E_RATE_LIMITED: guesses - 10 });
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, there))).toBe('E_RATE_LIMITED');
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, elsewhere))).toBe('ok');
  // The flood is one entry, not thousands.
  const told = () => world.audit('auth.sign_in_limited');
  for (let look = 0; look < 3; look += 1) await signIn.limited.flush(context);
  const tries = guesses - 10 + 1;
  expect(await told()).toMatchObject([{ address: '10.0.0.1', people: ['ann'], tries }]);
  await signInWithPassword(context, { name: 'ann', password }, there);
  await signIn.limited.flush(context);
  expect(await told()).toHaveLength(1);
  world.pass(minuteMs);
  await signIn.limited.flush(context);
  expect((await told()).slice(1)).toMatchObject([{ tries: 1 }]);
});

it('a name that somebody has is refused by the limit without one more thing done than for a name that nobody has', async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  for (const name of ['ann', 'bea']) await world.join(name);
  // The address spends its own budget at names that nobody has; then each name comes for the first time.
  for (let guess = 0; guess < 40; guess += 1)
    await signInWithPassword(context, { name: `nobody-${guess}`, password }, elsewhere);
  await signIn.limited.flush(context);
  const written: string[] = [];
  const { store } = context;
  const watched = { ...context, store: { ...store, read: store.read.bind(store), write: refuseWrites } };
  async function refuseWrites(): Promise<never> {
    written.push('a unit');
    throw new Error('nothing is written before the answer');
  }
  for (const name of ['ann', 'nobody-else', 'bea'])
    expect(codeOf(await signInWithPassword(watched, { name, password }, elsewhere)), name).toBe('E_RATE_LIMITED');
  expect(written).toEqual([]);
  world.pass(minuteMs);
  await signIn.limited.flush(context);
  expect((await world.audit('auth.sign_in_limited')).at(-1)).toMatchObject({ people: ['ann', 'bea'], tries: 3 });
});

it('addresses without number fill neither the memory nor the log', async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  for (let from = 0; from < 1200; from += 1)
    signIn.limited.note({
      address: `198.${from >> 8}.${from & 255}.1`,
      person: `ann-${from}`,
      retryAfterMs: 5,
      correlationId: 'test',
    });
  await signIn.limited.flush(context);
  const entries = await context.store.read((reads) =>
    reads.audit.query({ events: ['auth.sign_in_limited'], limit: 2000 }),
  );
  expect(entries).toHaveLength(1001);
  const last = entries.at(-1)?.body.detail;
  expect(last).toMatchObject({ address: 'elsewhere', tries: 200 });
  expect(last?.['people']).toHaveLength(20);
});

it('strangers from everywhere cannot shut a person out from where they signed in before', async () => {
  await using world = await signInWorld();
  const { context } = world;
  await world.join('ann');
  for (let guess = 0; guess < 300; guess += 1)
    await signInWithPassword(
      context,
      { name: 'ann', password: 'guess' },
      originOf(`198.51.${guess >> 8}.${guess & 255}`),
    );
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, elsewhere))).toBe('E_RATE_LIMITED');
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, there))).toBe('ok');
});

it('a hash of former settings is made anew by the next sign-in', async () => {
  await using world = await signInWorld((fake) => ({
    passwords: {
      ...fake.passwords,
      verify: async (hash, text) => hash.replace('old:', '') === `fake:${text}`,
    },
  }));
  const { context } = world;
  await world.join('ann');
  const hashOf = () => context.store.read(async (reads) => (await reads.people.byName('ann'))?.passwordHash);
  await context.store.write(async (unit) => {
    const person = await unit.people.byName('ann');
    if (person !== null) await unit.people.save({ ...person, passwordHash: `old:fake:${password}` });
  });
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, there))).toBe('ok');
  expect(await hashOf()).toBe(`fake:${password}`);
});

it('with an authenticator, a sign-in wants its code, and a code counts once, at whichever door', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const caller = await world.caller(await world.join('ann'));
  // Somebody who just joined may add an authenticator after proving themselves by what they have.
  expect(codeOf(await beginTotp(context, caller))).toBe('E_STEP_UP_REQUIRED');
  const renewed = value(await stepUp(context, caller, { method: 'password', password }, there)).renewed?.secret ?? '';
  const fresh = await world.caller(renewed);
  const offer = value(await beginTotp(context, fresh));
  const totp = new TOTP({ secret: offer.secret });
  const code = (offsetMs = 0) => totp.generate({ timestamp: context.clock.now() + offsetMs });
  const signIn = (totpCode?: string) =>
    signInWithPassword(context, { name: 'ann', password, totp: totpCode }, there).then(codeOf);
  expect(await signIn(), 'not confirmed: not asked for').toBe('ok');
  const wrong = String((Number(code()) + 1) % 1_000_000).padStart(6, '0');
  expect(codeOf(await confirmTotp(context, fresh, { code: wrong }))).toBe('E_STEP_UP_FAILED');
  value(await confirmTotp(context, fresh, { code: code() }));
  expect(await signIn()).toBe('E_SECOND_FACTOR_REQUIRED');
  expect(await signIn(code()), 'it confirmed the authenticator').toBe('E_SIGN_IN_FAILED');
  expect(codeOf(await stepUp(context, fresh, { method: 'totp', code: code() }, there))).toBe('E_STEP_UP_FAILED');

  world.pass(30_000);
  const opened = value(await signInWithPassword(context, { name: 'ann', password, totp: code() }, there));
  expect(opened.signedIn.session).toMatchObject({ method: 'totp', stepped_up_at: context.clock.now() });
  expect(await signIn(code()), 'again').toBe('E_SIGN_IN_FAILED');
  expect(await signIn(code(-30_000)), 'an older one').toBe('E_SIGN_IN_FAILED');
  expect(await signIn(code(30_000)), 'the next one, of a phone that is fast').toBe('ok');
  world.pass(5 * minuteMs);
  expect(await signIn(code(60_000)), 'too far ahead').toBe('E_SIGN_IN_FAILED');

  // Now the password alone is no step-up any more.
  const later = await world.caller(opened.secret);
  expect(value(await viewStepUp(context, later)).methods).toEqual(['totp']);
  expect(codeOf(await stepUp(context, later, { method: 'password', password }, there))).toBe('E_STEP_UP_FAILED');
  const up = value(await stepUp(context, later, { method: 'totp', code: code() }, there));
  const again = await world.caller(up.renewed?.secret ?? '');
  value(await removeTotp(context, again));
  expect(value(await readAccount(context, again)).person.proofs.totp).toBe(false);
  expect(await world.audit('person.factor_removed')).toHaveLength(1);
});

it('of many who bring one code at once one signs in', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const first = await world.caller(await world.join('ann'));
  const secret = value(await stepUp(context, first, { method: 'password', password }, there)).renewed?.secret ?? '';
  const fresh = await world.caller(secret);
  const totp = new TOTP({ secret: value(await beginTotp(context, fresh)).secret });
  value(await confirmTotp(context, fresh, { code: totp.generate({ timestamp: context.clock.now() }) }));
  world.pass(30_000);
  const code = totp.generate({ timestamp: context.clock.now() });
  const answers = await Promise.all(
    Array.from({ length: 40 }, (_, from) =>
      signInWithPassword(context, { name: 'ann', password, totp: code }, originOf(`10.2.${from}.1`)),
    ),
  );
  expect(answers.map(codeOf).filter((each) => each === 'ok')).toHaveLength(1);
});

it('a new password wants the old one, ends every other session and opens the next sign-in', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const mine = await world.join('ann');
  const other = value(await signInWithPassword(context, { name: 'ann', password }, elsewhere));
  const caller = await world.caller(mine);
  const next = 'quite another passphrase';
  const change = (current: string | undefined, to = next) =>
    changePassword(context, caller, { current, next: to }, there).then(codeOf);
  expect(await change('wrong')).toBe('E_SIGN_IN_FAILED');
  expect(await change(undefined)).toBe('E_SIGN_IN_FAILED');
  expect(await world.audit('person.password_refused')).toEqual([{ address: '10.0.0.1' }, { address: '10.0.0.1' }]);
  expect(await change(password, 'short')).toBe('E_VALIDATION');
  expect(await opens(context, other)).toBe(true);
  expect(await change(password)).toBe('ok');
  expect(await opens(context, other)).toBe(false);
  expect(await opens(context, { secret: mine })).toBe(true);
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, there))).toBe('E_SIGN_IN_FAILED');
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password: next }, there))).toBe('ok');
  expect(await world.audit('person.password_set')).toMatchObject([{ sessions_ended: 1 }]);
});
