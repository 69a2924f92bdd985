import type { Grant } from '@countersign/protocol';

/** A grant as one types it: `admin`, `approver@shop`, `approver@shop/prod`. */
export function grantText({ role, project, environment }: Grant): string {
  if (environment !== '*') return `${role}@${project}/${environment}`;
  return project === '*' ? role : `${role}@${project}`;
}

/** Several of them; a dash for none. */
export function grantsText(grants: readonly Grant[]): string {
  return grants.length === 0 ? '-' : grants.map(grantText).join(' ');
}
