import { expect, it } from 'vitest';
import { minuteMs, originOf } from '../fixture/fake-sign-in.ts';
import { callerOf } from '../fixture/people.ts';
import { codeOf, opens, password, signInWorld, value } from '../fixture/sign-in-world.ts';
import { disablePerson, enablePerson, signOutPerson } from '../person/change-person.ts';
import { signInWithPassword } from '../sign-in/sign-in-with-password.ts';
import { stepUp } from '../step-up/step-up.ts';
import { authenticate } from '../token/authenticate.ts';
import { createToken } from '../token/create-token.ts';
import { listSessions, revokeSession, signOut } from './end-session.ts';

const there = originOf('10.0.0.1');

it('a session ends by idleness, and by its age however busy it is', async () => {
  await using world = await signInWorld();
  const { context, signIn } = world;
  const secret = await world.join('ann');
  for (let minute = 0; minute < 12 * 60 - 1; minute += 30) {
    expect(await opens(context, { secret }), `${minute} minutes`).toBe(true);
    await signIn.uses.flush(context);
    world.pass(30 * minuteMs);
  }
  expect(await opens(context, { secret }), 'twelve hours').toBe(false);

  const other = value(await signInWithPassword(context, { name: 'ann', password }, there));
  world.pass(60 * minuteMs - 1);
  expect(await opens(context, other)).toBe(true);
  // That use was not written down: a server that stops at once forgets it, and the session is idle.
  world.pass(1);
  expect(await opens(context, other)).toBe(false);
});

it('whatever secret a browser brings to a sign-in, it gets another one, and the one from before opens nothing', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const former = await world.join('ann');
  const fixed = `css_${'x'.repeat(43)}`;
  for (const brought of [former, fixed]) {
    const opened = value(await signInWithPassword(context, { name: 'ann', password }, originOf('10.0.0.1', brought)));
    expect(opened.secret).not.toBe(brought);
    expect(await opens(context, { secret: brought })).toBe(false);
    expect(await opens(context, opened)).toBe(true);
  }
});

it('a step-up gives the session a new secret; its id and its list entry stay', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const before = await world.join('ann');
  const caller = await world.caller(before);
  expect(caller.steppedUpAt).toBeNull();
  const done = value(await stepUp(context, caller, { method: 'password', password }, there));
  const after = done.renewed?.secret ?? '';
  expect(await opens(context, { secret: before })).toBe(false);
  const renewed = await world.caller(after);
  expect(renewed).toMatchObject({ credential: caller.credential, steppedUpAt: context.clock.now() });
  expect(value(await listSessions(context, renewed, 'ann'))).toMatchObject([
    { current: true, stepped_up_at: context.clock.now() },
  ]);
});

it('sign-out ends this session, everywhere ends all, and each may be ended from another', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const first = await world.join('ann');
  const [second, third, fourth] = await Promise.all(
    [1, 2, 3].map(async () => value(await signInWithPassword(context, { name: 'ann', password }, there)).secret),
  );
  const caller = await world.caller(first);
  const sessions = value(await listSessions(context, caller, 'ann'));
  expect(sessions).toHaveLength(4);
  const target = await world.caller(second ?? '');
  const id = target.credential.kind === 'session' ? target.credential.id : '';
  value(await revokeSession(context, caller, id));
  expect(await opens(context, { secret: second ?? '' })).toBe(false);
  expect(value(await signOut(context, await world.caller(third ?? ''), false))).toBe(1);
  expect(await opens(context, { secret: third ?? '' })).toBe(false);
  expect(await opens(context, { secret: fourth ?? '' })).toBe(true);
  expect(value(await signOut(context, caller, true))).toBe(2);
  for (const secret of [first, fourth ?? '']) expect(await opens(context, { secret })).toBe(false);
  expect(await world.audit('session.revoked')).toHaveLength(1);
  expect(await world.audit('auth.signed_out')).toMatchObject([
    { everywhere: false, sessions: 1 },
    { everywhere: true, sessions: 2 },
  ]);
});

it("nobody sees or ends another's session but an administrator, and no agent of a person theirs", async () => {
  await using world = await signInWorld();
  const { context } = world;
  const secret = await world.join('ada');
  const caller = await world.caller(secret);
  const id = caller.credential.kind === 'session' ? caller.credential.id : '';
  for (const who of ['bob', 'adasBot', 'service'] as const) {
    expect(codeOf(await listSessions(context, callerOf(who), 'ada')), who).toBe('E_NOT_FOUND');
    expect(codeOf(await revokeSession(context, callerOf(who), id)), who).toBe('E_NOT_FOUND');
  }
  expect(value(await listSessions(context, callerOf('carol'), 'ada'))).toMatchObject([
    { session_id: id, current: false },
  ]);
  value(await revokeSession(context, callerOf('carol'), id));
  expect(await opens(context, { secret })).toBe(false);
});

it("disabling a person ends their sessions and every token of theirs and their agents'; nothing comes back by enabling", async () => {
  await using world = await signInWorld();
  const { context } = world;
  const secret = await world.join('ann', 'approver');
  const token = async (name: string, kind: 'person' | 'agent') =>
    value(await createToken(context, callerOf('carol'), { name, kind, role: 'actions', owner: 'ann' })).token;
  const tokens = [await token('ann', 'person'), await token('bot', 'agent')];
  const others = value(await createToken(context, callerOf('carol'), { name: 'bob', kind: 'person', role: 'viewer' }));
  const ended = value(await disablePerson(context, callerOf('carol'), 'ann'));
  expect(ended).toMatchObject({ sessions: 1, tokens: 2, person: { state: 'disabled' } });
  const allShut = async () => {
    expect(await opens(context, { secret })).toBe(false);
    for (const text of tokens) expect(codeOf(await authenticate(context, text))).toBe('E_AUTH_INVALID');
  };
  await allShut();
  expect(codeOf(await authenticate(context, others.token))).toBe('ok');
  const request = { name: 'new', kind: 'agent', role: 'viewer', owner: 'ann' } as const;
  expect(codeOf(await createToken(context, callerOf('carol'), request))).toBe('E_STATE');
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, there))).toBe('E_SIGN_IN_FAILED');
  value(await enablePerson(context, callerOf('carol'), 'ann'));
  await allShut();
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, there))).toBe('ok');
  expect(value(await signOutPerson(context, callerOf('carol'), 'ann'))).toMatchObject({ sessions: 1, tokens: 0 });
});

it('the only administrator left cannot be disabled', async () => {
  await using world = await signInWorld();
  const { context } = world;
  await world.join('ann', 'admin');
  expect(codeOf(await disablePerson(context, callerOf('carol'), 'ann'))).toBe('E_STATE');
  await world.join('bea', 'admin');
  expect(codeOf(await disablePerson(context, callerOf('carol'), 'ann'))).toBe('ok');
});
