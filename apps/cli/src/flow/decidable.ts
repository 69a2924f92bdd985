import { CodedError, type OperationView } from '@countersign/protocol';

/**
 * Refuses a decision that would count for nothing, before anybody is asked for it.
 *
 * @throws CodedError E_STEP_UP_REQUIRED where policy wants a fresh proof of whoever decides, and the caller has none.
 */
export function assertFreshProof(operation: OperationView): void {
  if (operation.step_up !== 'needed') return;
  const what = 'policy wants whoever decides on this to have proven who they are at most five minutes before';
  const next = 'prove it with `countersign step-up`, then do this again';
  throw new CodedError('E_STEP_UP_REQUIRED', `${what}; without that your decision would count for nothing`, { next });
}

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
