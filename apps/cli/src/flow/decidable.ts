import { CodedError, type OperationView } from '@countersign/protocol';

/**
 * The digest of the plan that was shown, for a decision or a start that names it.
 *
 * @throws CodedError E_STATE where nothing is left to decide: no plan yet, or the operation has come to its end.
 */
export function decidableDigest(operation: OperationView): string {
  const digest = operation.plan?.digest ?? null;
  if (operation.state === 'planned' && operation.run === null && digest !== null) return digest;
  const [next] = operation.next;
  const detail = { op_id: operation.op_id, ...(next !== undefined && { next }) };
  throw new CodedError('E_STATE', `the operation is ${operation.display}: there is no plan left to decide on`, detail);
}
