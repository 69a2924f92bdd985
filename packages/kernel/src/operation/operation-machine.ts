import type { ClosedReason, OperationState } from '@countersign/protocol';
import type { Operation } from './operation.ts';

/** Every listed move of an operation; nothing else ever happens. */
export const operationMoves: Readonly<Record<OperationState, readonly OperationState[]>> = {
  draft: ['planning', 'closed'],
  planning: ['planned', 'planning', 'closed'],
  planned: ['planning', 'planned', 'closed'],
  closed: [],
};

/** Moves an operation; throws on an unlisted move, which is a bug of the caller. */
export function moveOperation(
  operation: Operation,
  to: OperationState,
  change: Partial<Omit<Operation, 'id' | 'bundleId' | 'state' | 'closedReason' | 'createdAt'>> & { updatedAt: number },
): Operation {
  if (to === 'closed') throw new Error('close an operation with closeOperation, which needs a reason');
  if (!operationMoves[operation.state].includes(to))
    throw new Error(`operation cannot go from ${operation.state} to ${to}`);
  return { ...operation, ...change, state: to };
}

/** Ends an operation for good. */
export function closeOperation(operation: Operation, reason: ClosedReason, updatedAt: number): Operation {
  if (!operationMoves[operation.state].includes('closed')) throw new Error('operation is closed already');
  return { ...operation, state: 'closed', closedReason: reason, updatedAt };
}
