import { type Operation, type Reads, roleAt, roleReaches, type Unit } from '@countersign/kernel';
import { accept, type GrantRole, type Outcome, type Refusal, refuse, type TargetRef } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';

/** The one answer for what is missing and for what may not be seen. */
export function notFound(opId: string): Refusal {
  return refuse('E_NOT_FOUND', `there is no operation ${opId} that you may see`, { next: 'see `countersign ls`' });
}

/** Whether a caller has any role at a target. What it has none at is not there for it. */
export function sees({ principal }: Pick<Caller, 'principal'>, target: TargetRef): boolean {
  return roleAt(principal, target) !== null;
}

/** Whether a caller who sees a target has at least this role there. */
export function holdsRole(
  { principal }: Pick<Caller, 'principal'>,
  target: TargetRef,
  needs: GrantRole,
): Outcome<null> {
  const role = roleAt(principal, target);
  if (role !== null && roleReaches(role, needs)) return accept(null);
  return refuse(
    'E_AUTH_FORBIDDEN',
    `this needs the role "${needs}" in ${target.project}/${target.environment}; you have "${role ?? 'none'}" there`,
    { needs, next: 'ask an administrator for that role' },
  );
}

function judge(caller: Caller, opId: string, operation: Operation | null, needs: GrantRole): Outcome<Operation> {
  if (operation === null || !sees(caller, operation.target)) return notFound(opId);
  const holds = holdsRole(caller, operation.target, needs);
  return holds.ok ? accept(operation) : holds;
}

/** An operation for a caller who needs this role at its target. In a foreign project it answers like one that is missing. */
export async function findOperation(
  reads: Pick<Reads, 'operations'>,
  caller: Caller,
  opId: string,
  needs: GrantRole,
): Promise<Outcome<Operation>> {
  return judge(caller, opId, await reads.operations.get(opId), needs);
}

/** The same with its row locked until the unit ends: every command on an operation begins here. */
export async function lockOperation(
  unit: Unit,
  caller: Caller,
  opId: string,
  needs: GrantRole,
): Promise<Outcome<Operation>> {
  return judge(caller, opId, await unit.operations.lock(opId), needs);
}
