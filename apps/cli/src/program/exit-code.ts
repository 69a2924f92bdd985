import { type ErrorCode, errorCodes, isErrorCode, type OperationView } from '@countersign/protocol';

/** Exit code of an error: the registry's, and nothing else's. */
export function exitOf(code: ErrorCode): number {
  return errorCodes[code].exit;
}

/** Exit code of a failure that is told as data; a code that this version does not know is a plain failure. */
export function exitOfFailure(failure: { readonly code: string } | null): number {
  return failure !== null && isErrorCode(failure.code) ? exitOf(failure.code) : exitOf('E_INTERNAL');
}

/** Exit code of what a plan alone says: 0 where it may go on, also while it waits for people. */
export function exitOfPlan(operation: OperationView): number {
  if (operation.plan?.error) return exitOfFailure(operation.plan.error);
  if (operation.verdict?.decision === 'deny') return exitOf('E_POLICY_DENIED');
  return hasBlockingCheck(operation) ? exitOf('E_CHECKS_FAILED') : 0;
}

/** Whether a check stands in the way of a run. */
export function hasBlockingCheck(operation: OperationView): boolean {
  return operation.checks.some(({ status, severity }) => status === 'fail' && severity === 'error');
}

/** Exit code of a run that ended, or whose outcome nobody knows. */
export function exitOfRun(operation: OperationView): number {
  const run = operation.run;
  if (run?.state === 'succeeded') return 0;
  if (run?.state === 'cancelled') return exitOf('E_CANCELLED');
  if (run?.state === 'outcome_unknown') return exitOf('E_OUTCOME_UNKNOWN');
  return exitOfFailure(run?.failure ?? null);
}
