import { CodedError, type CompleteRequest, coversAction, type Failure, type Job } from '@countersign/protocol';
import type { JobAudit } from '../audit/job-audit.ts';

/** Of a job for a target that the worker does not serve. */
export function notHere(worker: string, { target }: Job): Failure {
  return {
    code: 'E_WORKER_REFUSED',
    message: `worker "${worker}" has no target "${target.name}"`,
    detail: { next: `add it to the worker's countersign.yaml, or wait for one that has it` },
  };
}

/** Whatever the server asks for: what the worker's own allowlist does not hold is not done. Null where it holds everything. */
export function leftOut(
  worker: string,
  { steps, target }: Job,
  allowed: readonly string[] | undefined,
): Failure | null {
  const step = allowed === undefined ? undefined : steps.find(({ action }) => !coversAction(allowed, action));
  if (step === undefined) return null;
  return {
    code: 'E_WORKER_REFUSED',
    message: `worker "${worker}" does not do ${step.action} on "${target.name}": its own allowlist does not hold it`,
    detail: { field: `/steps/${step.index}/action`, next: `add it to "actions" of that target at the worker` },
  };
}

/** Notes in the worker's own audit that it takes the job on. What cannot be noted is not done: then why not. */
export async function unnoted(audit: JobAudit | null): Promise<Failure | null> {
  try {
    await audit?.claimed();
    return null;
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { code: error.code, message: error.message, detail: { next: 'make room on the disk of the worker' } };
  }
}

/** How a job is ended of which nothing was done and nothing will be: a doubt that it was to clear stays. */
export function refusalOf(job: Job, failure: Failure): CompleteRequest {
  switch (job.kind) {
    case 'plan':
      return { kind: 'plan', result: { error: failure } };
    case 'run':
      return { kind: 'run', result: 'failed', failure, summary: {}, artifacts: [] };
    case 'read':
      return { kind: 'read', result: 'failed', failure, artifacts: [] };
    case 'reconcile':
      return { kind: 'reconcile', index: job.intent?.index ?? 0, result: 'indeterminate', after: null, guard: null };
  }
}
