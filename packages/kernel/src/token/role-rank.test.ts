import { Role } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { roleReaches } from './role-rank.ts';

it('each role reaches itself and those before it, in this order', () => {
  const order = ['worker', 'viewer', 'actions', 'approver', 'admin'] as const;
  expect([...order].sort()).toEqual([...Role.options].sort());
  for (const [place, role] of order.entries()) {
    expect(order.filter((other) => roleReaches(role, other))).toEqual(order.slice(0, place + 1));
  }
});
