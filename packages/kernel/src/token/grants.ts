import type { Grant, GrantRole, Role, TargetRef } from '@countersign/protocol';
import { roleReaches } from './role-rank.ts';

/** Where a role is asked for. */
export type Place = Pick<TargetRef, 'project' | 'environment'>;

/** Whoever holds grants: a principal, a person, a token. */
interface Granted {
  readonly grants: readonly Grant[];
}

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
export function roleAt(principal: Granted, place: Place): GrantRole | null {
  return highestRole(principal.grants.filter((grant) => holds(grant, place)));
}

/** The highest role that a principal has over the whole installation, which only a grant for everything gives. */
export function installationRole(principal: Granted): GrantRole | null {
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

/** The narrower of two patterns, one of which may be `*`; null where they have nothing in common. */
function common(one: string, other: string): string | null {
  if (one === '*') return other;
  return other === '*' || other === one ? one : null;
}

/**
 * What both of two lists give: at every place the lower of the two roles, and none where either has none. No grant of the answer
 * says less than another of them.
 */
export function narrowGrants(grants: readonly Grant[], within: readonly Grant[]): Grant[] {
  const both = grants.flatMap((one) =>
    within.flatMap((other): Grant[] => {
      const project = common(one.project, other.project);
      const environment = common(one.environment, other.environment);
      if (project === null || environment === null) return [];
      return [{ role: roleReaches(one.role, other.role) ? other.role : one.role, project, environment }];
    }),
  );
  return both.filter(
    (grant, index) =>
      !both.some((other, at) => at !== index && covers([other], grant) && (at < index || !covers([grant], other))),
  );
}
