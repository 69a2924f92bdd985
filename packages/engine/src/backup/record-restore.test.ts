import { expect, it } from 'vitest';
import { originOf } from '../fixture/fake-sign-in.ts';
import { codeOf, opens, password, signInWorld } from '../fixture/sign-in-world.ts';
import { redeemInvite } from '../invite/redeem-invite.ts';
import { signInWithPassword } from '../sign-in/sign-in-with-password.ts';
import { recordRestore } from './record-restore.ts';

it('a restore brings no session back to life and opens no link again: both may have ended after the backup', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const secret = await world.join('ann');
  const invite = await world.invite('bea');
  await recordRestore(context, { backup: '20260101-000000', madeAt: 1, treeSize: 2, manifestHash: 'sha256:00' });
  expect(await opens(context, { secret })).toBe(false);
  expect(codeOf(await redeemInvite(context, { invite, password }, originOf('10.0.0.1')))).toBe('E_INVITE_INVALID');
  expect(codeOf(await signInWithPassword(context, { name: 'ann', password }, originOf('10.0.0.1')))).toBe('ok');
  expect(await world.audit('installation.restored')).toMatchObject([{ sessions_ended: 1, invites_revoked: 1 }]);
});
