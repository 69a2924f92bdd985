import type { Grant, GrantRole, Principal, Role, TargetRef } from '@countersign/protocol';
import { roleReaches } from './role-rank.ts';

/** Where a role is asked for. */
export type Place = Pick<TargetRef, 'project' | 'environment'>;

/** A role everywhere: the grants of a token that names no project. A worker has none, it reaches the worker port alone. */
export function grantsOf(role: Role): Grant[] {
  return role === 'worker' ? [] : [{ role, project: '*', environment: '*' }];
}

function holds(grant: Grant, place: Place): boolean {
  return (
    (grant.project === '*' || grant.project === place.project) &&
    (grant.environment === '*' || grant.environment === place.environment)
  );
}

/** The highest role of these grants, wherever it is given; null without any. */
export function highestRole(grants: readonly Grant[]): GrantRole | null {
  return grants.reduce<GrantRole | null>(
    (best, { role }) => (best === null || roleReaches(role, best) ? role : best),
    null,
  );
}

/** The highest role that a principal has at a place; null where it has none, and then the place is not there for it. */
export function roleAt(principal: Pick<Principal, 'grants'>, place: Place): GrantRole | null {
  return highestRole(principal.grants.filter((grant) => holds(grant, place)));
}

/** The highest role that a principal has over the whole installation, which only a grant for everything gives. */
export function installationRole(principal: Pick<Principal, 'grants'>): GrantRole | null {
  return highestRole(principal.grants.filter(({ project, environment }) => project === '*' && environment === '*'));
}

/** Whether these grants give at least what another gives, everywhere that it gives it. */
export function covers(grants: readonly Grant[], other: Grant): boolean {
  return grants.some(
    ({ role, project, environment }) =>
      roleReaches(role, other.role) &&
      (project === '*' || project === other.project) &&
      (environment === '*' || environment === other.environment),
  );
}
