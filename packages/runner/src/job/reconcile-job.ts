import type { CompleteRequest } from '@countersign/protocol';
import { scrubJson } from '../output/scrub-json.ts';
import { approvedPlan } from './approved-plan.ts';
import { type JobSession, parseSteps, withContext } from './job-session.ts';

/** Reads back whether an effect in doubt was had. Never applies. */
export async function reconcileJob(session: JobSession): Promise<void> {
  const { port, fence, job, scrubber } = session;
  const { intent } = job;
  const index = intent?.index ?? 0;
  let found: Extract<CompleteRequest, { kind: 'reconcile' }>;
  try {
    approvedPlan(job);
    const step = parseSteps(session)[index];
    if (intent === null || step === undefined) throw new Error('a reconcile job names its intent');
    const { before, guard, recorded_at: recordedAt } = intent;
    const { value } = await withContext(session, step, session.lost, (context) =>
      session.target.reconcile(step, { before, guard, recordedAt }, context),
    );
    const after = scrubJson(value.after, scrubber);
    found = { kind: 'reconcile', index, result: value.answer, after, guard: value.guard };
  } catch {
    if (session.lost.aborted) return;
    // A target that cannot be read leaves the doubt as it is; the server asks again with backoff.
    found = { kind: 'reconcile', index, result: 'indeterminate', after: null, guard: null };
  }
  await port.complete(fence, found);
}
