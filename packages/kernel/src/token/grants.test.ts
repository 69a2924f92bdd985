import { type Grant, GrantRole } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { covers, grantsOf, highestRole, installationRole, narrowGrants, roleAt } from './grants.ts';

const name = fc.constantFrom('shop', 'bank', 'mail');
const grant: fc.Arbitrary<Grant> = fc.record({
  role: fc.constantFrom(...GrantRole.options),
  project: fc.oneof(fc.constant('*'), name),
  environment: fc.oneof(fc.constant('*'), name),
});
const place = fc.record({ project: name, environment: name });
const grants = (...list: Grant[]) => ({ grants: list });
const rank = (role: GrantRole | null) => (role === null ? -1 : GrantRole.options.indexOf(role));

it('the role at a place is the highest of the grants that hold there', () => {
  const ada = grants(
    { role: 'viewer', project: '*', environment: '*' },
    { role: 'approver', project: 'shop', environment: 'prod' },
    { role: 'actions', project: 'shop', environment: '*' },
  );
  expect(roleAt(ada, { project: 'shop', environment: 'prod' })).toBe('approver');
  expect(roleAt(ada, { project: 'shop', environment: 'dev' })).toBe('actions');
  expect(roleAt(ada, { project: 'bank', environment: 'prod' })).toBe('viewer');
  expect(installationRole(ada)).toBe('viewer');
});

it('no grant at a place is no role there, whatever is held elsewhere', () => {
  const bob = grants({ role: 'admin', project: 'shop', environment: 'dev' });
  expect(roleAt(bob, { project: 'shop', environment: 'prod' })).toBeNull();
  expect(roleAt(bob, { project: 'bank', environment: 'dev' })).toBeNull();
  expect(installationRole(bob)).toBeNull();
  expect(roleAt(grants(), { project: 'shop', environment: 'dev' })).toBeNull();
});

it('a grant for all of a project is none for the installation', () => {
  expect(installationRole(grants({ role: 'admin', project: 'shop', environment: '*' }))).toBeNull();
  expect(installationRole(grants({ role: 'admin', project: '*', environment: 'prod' }))).toBeNull();
});

it('one role everywhere is what a role alone gives, and a worker gets none', () => {
  for (const role of GrantRole.options) {
    expect(installationRole({ grants: grantsOf(role) })).toBe(role);
    expect(highestRole(grantsOf(role))).toBe(role);
  }
  expect(grantsOf('worker')).toEqual([]);
  expect(highestRole([])).toBeNull();
});

it('what is covered gives no more at any place', () => {
  let covered = 0;
  fc.assert(
    fc.property(fc.array(grant, { maxLength: 4 }), grant, place, (held, asked, where) => {
      if (!covers(held, asked)) return;
      covered += 1;
      expect(rank(roleAt({ grants: held }, where))).toBeGreaterThanOrEqual(rank(roleAt({ grants: [asked] }, where)));
      expect(rank(highestRole(held))).toBeGreaterThanOrEqual(rank(asked.role));
    }),
    { numRuns: 2000 },
  );
  expect(covered).toBeGreaterThan(100);
});

it('what gives more somewhere is not covered', () => {
  const held: Grant[] = [{ role: 'actions', project: 'shop', environment: 'dev' }];
  const same = { role: 'actions', project: 'shop', environment: 'dev' } as const;
  expect(covers(held, same)).toBe(true);
  expect(covers(held, { ...same, role: 'viewer' })).toBe(true);
  expect(covers(held, { ...same, role: 'approver' })).toBe(false);
  expect(covers(held, { ...same, environment: '*' })).toBe(false);
  expect(covers(held, { ...same, project: '*' })).toBe(false);
  expect(covers([{ ...same, environment: '*' }], same)).toBe(true);
  expect(covers([{ ...same, project: '*' }], same)).toBe(true);
  expect(covers([{ ...same, project: 'bank' }], same)).toBe(false);
});

it('what two lists have in common gives at every place the lower of their roles, and says nothing twice', () => {
  const some = fc.array(grant, { maxLength: 4 });
  let given = 0;
  fc.assert(
    fc.property(some, some, place, (held, within, where) => {
      const both = narrowGrants(held, within);
      const lower = Math.min(rank(roleAt({ grants: held }, where)), rank(roleAt({ grants: within }, where)));
      expect(rank(roleAt({ grants: both }, where))).toBe(lower);
      if (lower >= 0) given += 1;
      both.forEach((one, index) => {
        expect(covers(both.toSpliced(index, 1), one)).toBe(false);
      });
    }),
    { numRuns: 2000 },
  );
  expect(given).toBeGreaterThan(100);
  const dev: Grant = { role: 'actions', project: 'shop', environment: 'dev' };
  expect(narrowGrants(grantsOf('admin'), [dev])).toEqual([dev]);
  expect(narrowGrants([dev], grantsOf('viewer'))).toEqual([{ ...dev, role: 'viewer' }]);
  expect(narrowGrants([dev], [])).toEqual([]);
  expect(narrowGrants([dev], [{ ...dev, project: 'bank' }])).toEqual([]);
  expect(narrowGrants([dev], [{ ...dev, environment: 'prod' }])).toEqual([]);
  const prod: Grant = { ...dev, environment: 'prod' };
  expect(narrowGrants([dev, prod, dev], grantsOf('admin'))).toEqual([dev, prod]);
});
