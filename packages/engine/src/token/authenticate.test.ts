import { grantsOf } from '@countersign/kernel';
import type { Grant, Principal, TokenCreateRequest } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { callerOf } from '../fixture/people.ts';
import { codeOf, everywhere, type SignInWorld, signInWorld, value } from '../fixture/sign-in-world.ts';
import { invitePerson } from '../invite/make-invite.ts';
import { grantPerson } from '../person/change-person.ts';
import { authenticate } from './authenticate.ts';
import { createToken } from './create-token.ts';

const dev: Grant = { role: 'actions', project: 'shop', environment: 'dev' };

async function tokenOf({ context }: SignInWorld, request: TokenCreateRequest): Promise<() => Promise<Principal>> {
  const { token } = value(await createToken(context, callerOf('carol'), request));
  return async () => value(await authenticate(context, token)).principal;
}

const grant = async ({ context }: SignInWorld, name: string, grants: Grant[], groups: string[] = []) =>
  value(await grantPerson(context, callerOf('carol'), name, { grants, groups }));

it('a token gives no more than the person at its root holds now, and again as much when they do (OA-6)', async () => {
  await using world = await signInWorld();
  await world.join('ann', 'admin');
  await world.join('bea', 'admin');
  const groups = ['database', 'security'];
  await grant(world, 'ann', everywhere('admin'), groups);
  const own = await tokenOf(world, { name: 'ann', kind: 'person', role: 'admin', groups });
  const bot = await tokenOf(world, { name: 'bot', kind: 'agent', role: 'actions', owner: 'ann' });
  const others = await tokenOf(world, { name: 'bea', kind: 'person', role: 'admin' });
  expect([await own(), await bot()]).toMatchObject([
    { role: 'admin', grants: grantsOf('admin'), groups },
    { role: 'actions', grants: grantsOf('actions') },
  ]);

  await grant(world, 'ann', [{ ...dev, role: 'approver' }], ['security', 'finance']);
  expect([await own(), await bot(), await others()]).toMatchObject([
    { role: 'approver', grants: [{ ...dev, role: 'approver' }], groups: ['security'] },
    { role: 'actions', grants: [dev], groups: [] },
    { role: 'admin', grants: grantsOf('admin') },
  ]);
  await grant(world, 'ann', []);
  expect(await own()).toMatchObject({ role: 'viewer', grants: [], groups: [] });
  await grant(world, 'ann', everywhere('admin'), groups);
  expect([await own(), await bot()]).toMatchObject([
    { role: 'admin', grants: grantsOf('admin'), groups },
    { role: 'actions', grants: grantsOf('actions') },
  ]);
});

it('a token whose root is nobody who signs in gives what it was made with', async () => {
  await using world = await signInWorld();
  const machine = await tokenOf(world, { name: 'ci', kind: 'service', role: 'approver', owner: 'pipeline' });
  const worker = await tokenOf(world, { name: 'w', kind: 'worker', role: 'worker' });
  await world.join('ann', 'viewer');
  expect([await machine(), await worker()]).toMatchObject([
    { role: 'approver', grants: grantsOf('approver') },
    { role: 'worker', grants: [] },
  ]);
});

it('nobody is invited with less than the last administrator by a token of that name has', async () => {
  await using world = await signInWorld();
  const { context } = world;
  const admin = await tokenOf(world, { name: 'root', kind: 'person', role: 'admin' });
  const invite = async (role: Grant['role']) =>
    codeOf(await invitePerson(context, callerOf('carol'), { name: 'root', grants: everywhere(role), groups: [] }));
  expect(await invite('approver')).toBe('E_STATE');
  expect(await invite('admin')).toBe('ok');
  await world.join('bea', 'admin');
  expect(await invite('approver')).toBe('ok');
  await world.join('root', 'approver');
  expect((await admin()).role).toBe('approver');
  // Narrowed as it is, it is no administrator that could stay behind.
  const lowered = await grantPerson(context, callerOf('carol'), 'bea', { grants: everywhere('viewer'), groups: [] });
  expect(codeOf(lowered)).toBe('E_STATE');
});
