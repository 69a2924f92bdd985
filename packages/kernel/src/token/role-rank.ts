import type { Role } from '@countersign/protocol';

const ranks: Readonly<Record<Role, number>> = { worker: 0, viewer: 1, actions: 2, approver: 3, admin: 4 };

/** Whether a role may do what another may; a worker's role may nothing that a person's may. */
export function roleReaches(role: Role, other: Role): boolean {
  return ranks[role] >= ranks[other];
}
