import { z } from 'zod';
import { Check } from '../plan/plan.ts';
import { EpochMs, Name } from '../scalar/scalar.ts';

/** What is validated: all targets, the repositories, or modules (which need their connector). */
export const ValidationScope = z.enum(['workspace', 'module', 'repo']);
export type ValidationScope = z.infer<typeof ValidationScope>;

export const ValidateRequest = z.strictObject({ scope: ValidationScope, target: Name.optional() });
export type ValidateRequest = z.infer<typeof ValidateRequest>;

/** The newest validation of a scope; `unknown` before the first. */
export const ValidationView = z.strictObject({
  scope: ValidationScope,
  status: z.enum(['unknown', 'pass', 'warn', 'fail']),
  checks: z.array(Check),
  at: EpochMs.nullable(),
});
export type ValidationView = z.infer<typeof ValidationView>;
