import { Grant, GrantRole, Name } from '@countersign/protocol';
import { InvalidArgumentError } from 'commander';

/** `admin`, `approver@shop` or `approver@shop/prod`, added to those before it. */
export function collectGrant(text: string, before: readonly Grant[] = []): Grant[] {
  const [, role, project = '*', environment = '*'] = /^([a-z]+)(?:@([^/]+)(?:\/(.+))?)?$/.exec(text) ?? [];
  const grant = Grant.safeParse({ role, project, environment });
  if (grant.success) return [...before, grant.data];
  throw new InvalidArgumentError(
    `Expected ROLE, ROLE@PROJECT or ROLE@PROJECT/ENVIRONMENT, with one of the roles ${GrantRole.options.join(', ')}.`,
  );
}

/** A group of approvers, added to those before it. */
export function collectGroup(text: string, before: readonly string[] = []): string[] {
  const group = Name.safeParse(text);
  if (group.success) return [...before, group.data];
  throw new InvalidArgumentError(`Expected a name: ${group.error.issues[0]?.message ?? 'it is none'}.`);
}
