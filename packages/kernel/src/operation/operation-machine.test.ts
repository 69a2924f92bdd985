import { ClosedReason, OperationState } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { operationOf } from '../fixture/rows.ts';
import { closeOperation, moveOperation, operationMoves } from './operation-machine.ts';

const pairs = OperationState.options.flatMap((from) => OperationState.options.map((to) => [from, to] as const));
const closings = OperationState.options.flatMap((from) =>
  ClosedReason.options.map((reason) => [from, reason] as const),
);

it('is this table', () => {
  expect(operationMoves).toEqual({
    draft: ['planning', 'closed'],
    planning: ['planned', 'planning', 'closed'],
    planned: ['planning', 'planned', 'closed'],
    closed: [],
  });
});

it.each(pairs)('from %s to %s moves only where listed', (from, to) => {
  const operation = operationOf({ state: from });
  if (to === 'closed') expect(() => moveOperation(operation, to, { updatedAt: 9 })).toThrow('closeOperation');
  else if (operationMoves[from].includes(to))
    expect(moveOperation(operation, to, { updatedAt: 9 })).toEqual({ ...operation, state: to, updatedAt: 9 });
  else expect(() => moveOperation(operation, to, { updatedAt: 9 })).toThrow(`cannot go from ${from} to ${to}`);
});

it.each(closings)('%s closes as %s, once', (from, reason) => {
  const operation = operationOf({ state: from });
  if (from === 'closed') {
    expect(() => closeOperation(operation, reason, 9)).toThrow('closed already');
    return;
  }
  const closed = closeOperation(operation, reason, 9);
  expect(closed).toEqual({ ...operation, state: 'closed', closedReason: reason, updatedAt: 9 });
  expect(() => closeOperation(closed, reason, 10)).toThrow('closed already');
});
