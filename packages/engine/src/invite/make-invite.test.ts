import type { Grant, Scope } from '@countersign/protocol';
import { expect, it } from 'vitest';
import type { Caller } from '../context/actor.ts';
import { callerOf } from '../fixture/people.ts';
import { codeOf, everywhere, signInWorld } from '../fixture/sign-in-world.ts';
import { grantPerson } from '../person/change-person.ts';
import { invitePerson, resetPerson } from './make-invite.ts';

const shopAdmin: Grant[] = [{ role: 'admin', project: 'shop', environment: 'dev' }];

/** An administrator with a token that is narrowed to these scopes. */
function narrowed(...scopes: Scope[]): Caller {
  const caller = callerOf('carol');
  return { ...caller, principal: { ...caller.principal, scopes } };
}

it('a token that is narrowed to people makes no administrator, in none of the ways that there are (OA-6)', async () => {
  await using world = await signInWorld();
  const { context } = world;
  for (const [name, role] of [
    ['ann', 'admin'],
    ['bea', 'admin'],
    ['cid', 'viewer'],
  ] as const)
    await world.join(name, role);
  const ways = async (caller: Caller, grants: Grant[], reset: string) => [
    codeOf(await invitePerson(context, caller, { name: `new-${reset}-${grants.length}`, grants, groups: [] })),
    codeOf(await grantPerson(context, caller, 'cid', { grants, groups: [] })),
    codeOf(await resetPerson(context, caller, reset, { clear_factors: true })),
  ];
  const refused = ['E_AUTH_FORBIDDEN', 'E_AUTH_FORBIDDEN', 'E_AUTH_FORBIDDEN'];
  expect(await ways(narrowed('people'), everywhere('admin'), 'ann')).toEqual(refused);
  expect(await ways(narrowed('people'), [...everywhere('viewer'), ...shopAdmin], 'ann')).toEqual(refused);
  expect(await ways(narrowed('people'), everywhere('approver'), 'cid')).toEqual(['ok', 'ok', 'ok']);
  expect(await ways(narrowed('people', 'admin'), everywhere('admin'), 'ann')).toEqual(['ok', 'ok', 'ok']);
  expect(await ways(callerOf('carol'), shopAdmin, 'bea')).toEqual(['ok', 'ok', 'ok']);
});
