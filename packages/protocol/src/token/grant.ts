import { z } from 'zod';
import { Name } from '../scalar/scalar.ts';

/** What a grant may give. Each role includes the ones before it. */
export const GrantRole = z.enum(['viewer', 'actions', 'approver', 'admin']);
export type GrantRole = z.infer<typeof GrantRole>;

/** A project or an environment by name, or every one of them. */
const NameOrAll = z.union([z.literal('*'), Name]);

/** A role in an environment of a project; `*` means every one, also those that come later. */
export const Grant = z.strictObject({ role: GrantRole, project: NameOrAll, environment: NameOrAll });
export type Grant = z.infer<typeof Grant>;

/**
 * What a bearer token may be narrowed to. A scope never gives what the role does not: a route wants both. Each names a noun and
 * what is done with it.
 */
export const Scope = z.enum([
  'operations:read',
  'operations:propose',
  'operations:decide',
  'operations:run',
  'dispatches:work',
  'actions:execute',
  'targets:read',
  'repository:read',
  'evidence:read',
  'audit:read',
  'metrics:read',
  'tokens',
  'people',
  'policy',
  'admin',
]);
export type Scope = z.infer<typeof Scope>;
