import type { Unit } from '@countersign/kernel';
import type { EngineContext } from './context.ts';

/** Every kind of unit that the engine commits. A test may kill the process before and after each. */
export const commitNames = [
  'installation',
  'propose',
  'edit',
  'replan',
  'show',
  'approve',
  'start',
  'cancel',
  'resolve',
  'read',
  'panic',
  'confirmation',
  'freeze',
  'break-glass',
  'review',
  'policy',
  'redecide',
  'token',
  'revoke',
  'first-token',
  'token-uses',
  'validation',
  'record',
  'register',
  'claim',
  'heartbeat',
  'output',
  'intent',
  'outcome',
  'plan',
  'complete',
  'read-done',
  'reconcile',
  'take-back',
  'seal-take-back',
  'seal-claim',
  'seal',
  'checkpoint',
  'anchor',
  'restore',
  'decide-draft',
  'draft',
  'dispatch-finish',
  'generate-claim',
  'generate',
  'group',
  'group-decide',
  'group-confirmation',
  'wave-start',
  'wave-advance',
  'wave-stop',
  'task-plan',
  'target',
  'enrolment',
  'enrol',
  'invite',
  'invite-expire',
  'redeem',
  'person',
  'sign-in',
  'sign-in-state',
  'sign-in-tidy',
  'sign-out',
  'session-uses',
  'step-up',
  'factor',
  'retention',
  'provider',
] as const;
export type CommitName = (typeof commitNames)[number];

/**
 * Runs a unit under a name that the crash points know, and resolves after its durable commit; all writing of the engine
 * goes through here. `mattered` tells units that looked and changed nothing from the others.
 */
export async function commit<T>(
  context: Pick<EngineContext, 'store' | 'crash'>,
  name: CommitName,
  unit: (unit: Unit) => Promise<T>,
  mattered: (result: T) => boolean = () => true,
): Promise<T> {
  const result = await context.store.write(async (open) => {
    const answer = await unit(open);
    if (mattered(answer)) context.crash.hit(`${name}:before-commit`);
    return answer;
  });
  if (mattered(result)) context.crash.hit(`${name}:after-commit`);
  return result;
}
