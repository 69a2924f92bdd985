import { expect, it } from 'vitest';
import { minuteMs, originOf } from '../fixture/fake-sign-in.ts';
import { callerOf } from '../fixture/people.ts';
import { codeOf, everywhere, opens, password, secretOf, signInWorld, value } from '../fixture/sign-in-world.ts';
import { signInWithPassword } from '../sign-in/sign-in-with-password.ts';
import { invitePerson, resetPerson } from './make-invite.ts';
import { offerInvite, redeemInvite } from './redeem-invite.ts';
import { expireInvites, listInvites, revokeInvite } from './revoke-invite.ts';

const there = originOf('10.0.0.1');

it('a link makes a person with what it grants, signs them in, and is worth nothing afterwards', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const request = { name: 'ann', grants: everywhere('approver'), groups: ['database'] };
  const made = value(await invitePerson(context, callerOf('carol'), request));
  expect(made.link).toMatch(/^https:\/\/countersign\.example\.com\/sign-in#invite=csi_/);
  const invite = secretOf(made.link);
  const offered = value(await offerInvite(context, invite, there));
  expect(offered).toEqual({ kind: 'join', name: 'ann', grants: everywhere('approver'), expires_at: made.expires_at });
  const opened = value(await redeemInvite(context, { invite, password }, there));
  expect(opened.signedIn.principal).toMatchObject({
    id: 'person:ann',
    kind: 'person',
    root: 'ann',
    role: 'approver',
    groups: ['database'],
    ai: false,
  });
  expect(opened.signedIn.session).toMatchObject({ method: 'invite', stepped_up_at: null, current: true });
  expect(await opens(context, opened)).toBe(true);
  expect(codeOf(await redeemInvite(context, { invite, password }, there))).toBe('E_INVITE_INVALID');
  expect(await listInvites(context)).toMatchObject([{ state: 'redeemed', name: 'ann' }]);
  // Neither the link nor a password stands anywhere in the log.
  const entries = JSON.stringify(await context.store.read((reads) => reads.audit.query({ limit: 100 })));
  expect(entries).toContain('invite.redeemed');
  for (const secret of [invite, password, opened.secret]) expect(entries).not.toContain(secret);
});

it('of many who redeem one link at once one wins, and nothing of the others stays', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const invite = await world.invite('ann');
  const answers = await Promise.all(
    Array.from({ length: 200 }, (_, from) =>
      redeemInvite(context, { invite, password: `a password of number ${from}` }, originOf(`10.1.${from}.1`)),
    ),
  );
  const won = answers.flatMap((answer) => (answer.ok ? [answer.value] : []));
  expect(won).toHaveLength(1);
  expect(new Set(answers.filter(({ ok }) => !ok).map(codeOf))).toEqual(new Set(['E_INVITE_INVALID']));
  const people = await context.store.read((reads) => reads.people.list());
  expect(people.map(({ name }) => name)).toEqual(['ann']);
  const { id = '' } = people[0] ?? {};
  const live = await context.store.read((reads) => reads.sessions.live(id, context.clock.now(), minuteMs));
  expect(live).toHaveLength(1);
  expect(await world.audit('invite.redeemed')).toHaveLength(1);
  expect((await world.audit('invite.refused')).length).toBe(199);
});

it('a link that ran out, was revoked or never was is refused alike, and each refusal is in the log', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const late = await world.invite('ann', 'viewer', minuteMs);
  const revoked = await world.invite('bea');
  const [newest] = await listInvites(context);
  value(await revokeInvite(context, callerOf('carol'), newest?.invite_id ?? ''));
  expect(codeOf(await revokeInvite(context, callerOf('carol'), newest?.invite_id ?? ''))).toBe('E_STATE');
  world.pass(minuteMs);
  const unknown = `csi_${'A'.repeat(43)}`;
  const refusals = await Promise.all(
    [late, revoked, unknown].map((invite) => redeemInvite(context, { invite, password }, there)),
  );
  expect(new Set(refusals.map((refusal) => JSON.stringify(refusal))).size).toBe(1);
  expect(refusals.map(codeOf)).toEqual(['E_INVITE_INVALID', 'E_INVITE_INVALID', 'E_INVITE_INVALID']);
  const why = (await world.audit('invite.refused')).map((detail) => detail['why']);
  expect(why.toSorted()).toEqual(['expired', 'revoked', 'unknown']);
  expect(world.signIn.hashes.made, 'no hash for a link that opens nothing').toBe(0);
  expect(await expireInvites(context)).toBe(1);
  expect(await expireInvites(context)).toBe(0);
  expect(await world.audit('invite.expired')).toMatchObject([{ name: 'ann' }]);
});

it('a password that will not do leaves the link open', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const invite = await world.invite('annabel');
  for (const bad of ['short', 'aaaaaaaaaaaaaaaa', 'my name is Annabel!'])
    expect(await redeemInvite(context, { invite, password: bad }, there)).toMatchObject({
      code: 'E_VALIDATION',
      detail: { field: '/password' },
    });
  expect(codeOf(await redeemInvite(context, { invite, password }, there))).toBe('ok');
});

it('nobody joins under a name that somebody has, in any case, also when two links were made before', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const [first, second] = [await world.invite('ann'), await world.invite('Ann')];
  expect(codeOf(await redeemInvite(context, { invite: first, password }, there))).toBe('ok');
  expect(codeOf(await redeemInvite(context, { invite: second, password }, there))).toBe('E_INVITE_INVALID');
  const [left] = (await listInvites(context)).filter(({ name }) => name === 'Ann');
  expect(left?.state, 'what did not succeed leaves nothing, the link is still open').toBe('open');
  const again = await invitePerson(context, callerOf('carol'), {
    name: 'ANN',
    grants: everywhere('viewer'),
    groups: [],
  });
  expect(codeOf(again)).toBe('E_STATE');
});

it('a link for a new password ends every session and, where asked, takes lost factors away', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const before = await world.join('ann');
  const made = value(await resetPerson(context, callerOf('carol'), 'ann', { clear_factors: true }));
  const opened = value(
    await redeemInvite(context, { invite: secretOf(made.link), password: 'another long password' }, there),
  );
  expect(await opens(context, { secret: before })).toBe(false);
  expect(await opens(context, opened)).toBe(true);
  const signIn = (text: string) => signInWithPassword(context, { name: 'ann', password: text }, there);
  expect([codeOf(await signIn(password)), codeOf(await signIn('another long password'))]).toEqual([
    'E_SIGN_IN_FAILED',
    'ok',
  ]);
  expect(opened.signedIn.principal.role, 'what they may do stays').toBe('approver');
  expect(codeOf(await resetPerson(context, callerOf('carol'), 'nobody', { clear_factors: false }))).toBe('E_NOT_FOUND');
});

it('only a person lets people in: neither a service with every role nor an agent', async () => {
  await using world = await signInWorld();
  const request = { name: 'ann', grants: everywhere('admin'), groups: [] };
  for (const who of ['service', 'adasBot'] as const)
    expect(codeOf(await invitePerson(world.context, callerOf(who), request))).toBe('E_AUTH_FORBIDDEN');
  expect(await listInvites(world.context)).toEqual([]);
});
