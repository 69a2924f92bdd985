import type { CompleteRequest, Failure, Job } from '@countersign/protocol';

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
