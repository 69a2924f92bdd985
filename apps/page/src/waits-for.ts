import type { OperationView, Principal, Role } from '@countersign/protocol';

const order: readonly Role[] = ['viewer', 'actions', 'approver', 'admin'];

/** Whether somebody has a role, or a higher one, where an operation goes. Only for what is offered: the server decides. */
export function mayAt({ grants }: Principal, role: Role, { target }: OperationView): boolean {
  return grants.some(
    (grant) =>
      order.indexOf(grant.role) >= order.indexOf(role) &&
      (grant.project === '*' || grant.project === target.project) &&
      (grant.environment === '*' || grant.environment === target.environment),
  );
}

/** What somebody can do with an operation now. */
export type Ask = 'confirm' | 'approve' | 'start';

/** Whether somebody's own decision counts already: without a proof it does not where one is wanted. */
function decided(operation: OperationView, me: Principal): boolean {
  const isEnough = (withProof: boolean): boolean => withProof || operation.step_up === 'none';
  return operation.approvals.some(
    ({ state, kind, principal, stepped_up: withProof }) =>
      state === 'valid' && kind === 'approve' && (principal === me.id || principal === me.name) && isEnough(withProof),
  );
}

/** What is asked of somebody by an operation that waits, first what comes first. */
export function asksOf(operation: OperationView, me: Principal): Ask[] {
  const isOwn = operation.requester.root === me.root;
  const obligations = operation.verdict?.obligations ?? [];
  const wants = (kind: 'confirm' | 'approve'): boolean => obligations.some((obligation) => obligation.kind === kind);
  const asks: Ask[] = [];
  if (operation.state !== 'planned') return asks;
  const open = operation.display === 'waiting_confirmation' || operation.display === 'waiting_approval';
  const solo = operation.verdict?.profile === 'solo';
  if (open && isOwn && wants('confirm') && !me.ai) asks.push('confirm');
  if (open && (!isOwn || solo) && wants('approve') && mayAt(me, 'approver', operation) && !decided(operation, me))
    asks.push('approve');
  if (operation.display === 'ready' && mayAt(me, isOwn ? 'actions' : 'approver', operation)) asks.push('start');
  return asks;
}
