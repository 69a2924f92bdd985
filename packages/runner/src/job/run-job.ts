import { type ParsedStep, staleResources } from '@countersign/connector-kit';
import type { Failure, Json, JsonObject, PlanBody } from '@countersign/protocol';
import { scrubJson } from '../output/scrub-json.ts';
import { approvedPlan } from './approved-plan.ts';
import { failureOf, type JobSession, parseSteps, withContext } from './job-session.ts';
import { applyStep } from './run-step.ts';

type Ended = { result: 'succeeded' | 'failed' | 'cancelled' | 'stale' | 'unknown'; failure?: Failure };

/** A plan was approved as it would be done by one version of a connector; another may do something else. */
function otherConnector(session: JobSession, { connector: planned }: PlanBody): Ended | null {
  const { connector: here } = session;
  const same =
    planned.name === here.name && planned.version === here.version && planned.manifest_hash === here.manifest_hash;
  if (same) return null;
  const nameOf = ({ name, version, manifest_hash }: typeof here) => `${name} ${version} (${manifest_hash})`;
  const failure: Failure = {
    code: 'E_PLAN_STALE',
    message: `the plan was made by ${nameOf(planned)}; this worker has ${nameOf(here)}`,
    detail: { planned, here, next: 'propose it again: a new plan is made with the connector of now' },
  };
  return { result: 'stale', failure };
}

/** Re-observes the target before the first effect; a moved target is refused. Answers the guard for the first write. */
async function freshGuard(
  session: JobSession,
  steps: readonly ParsedStep[],
  plan: PlanBody,
): Promise<{ guard: Json } | Ended> {
  const first = steps[0] ?? { index: 0, action: '' };
  const { value: observed } = await withContext(session, first, session.lost, (context) =>
    session.target.observe(steps, context),
  );
  const { scrubber } = session;
  // The plan's names were scrubbed; fingerprints never are.
  const seen = {
    identity: scrubber.text(observed.identity),
    preconditions: observed.preconditions.map((found) => ({
      ...found,
      resource: scrubber.text(found.resource),
      kind: scrubber.text(found.kind),
    })),
  };
  const stale = staleResources({ identity: plan.target.identity, preconditions: plan.preconditions }, seen);
  if (stale.length === 0) return { guard: observed.guard };
  const failure: Failure = {
    code: 'E_PLAN_STALE',
    message: `the target moved after the plan was made: ${stale.join(', ')}`,
    detail: { resources: stale, next: 'propose it again: a new plan is made from the state of now' },
  };
  return { result: 'stale', failure };
}

async function runSteps(session: JobSession, steps: readonly ParsedStep[], plan: PlanBody): Promise<Ended> {
  const done = new Map(session.job.done.map((step) => [step.index, step]));
  let guard: Json = null;
  if (done.size === 0) {
    const fresh = await freshGuard(session, steps, plan);
    if ('result' in fresh) return fresh;
    guard = fresh.guard;
  }
  for (const step of steps) {
    const known = done.get(step.index);
    if (known?.state === 'verified') {
      guard = known.guard;
      continue;
    }
    if (known?.state === 'failed' || known?.state === 'skipped') return { result: 'failed' };
    if (session.cancelled.aborted && known === undefined) return { result: 'cancelled' };
    const outcome = await applyStep(session, step, known?.state ?? 'pending', guard);
    if (outcome.result !== 'verified') return outcome;
    guard = outcome.guard;
  }
  return { result: 'succeeded' };
}

function summaryOf(session: JobSession, steps: readonly ParsedStep[]): JsonObject {
  return { steps: steps.length, actions: steps.map((step) => step.action), target: session.job.target.name };
}

/** Runs an approved plan: re-observes, then per step intent, effect, read back. A run taken over goes on where it stood. */
export async function runJob(session: JobSession): Promise<void> {
  const { port, fence, job, scrubber } = session;
  let steps: ParsedStep[] = [];
  let ended: Ended;
  try {
    const plan = approvedPlan(job);
    steps = parseSteps(session);
    ended = otherConnector(session, plan) ?? (await runSteps(session, steps, plan));
  } catch (error) {
    if (session.lost.aborted) return;
    ended = { result: 'failed', failure: failureOf(error, scrubber) };
  }
  if (session.lost.aborted) return;
  session.faults.hit('worker:before-complete');
  const failure = ended.failure === undefined ? {} : { failure: ended.failure };
  const summary = scrubJson(summaryOf(session, steps), scrubber);
  await port.complete(fence, {
    kind: 'run',
    result: ended.result,
    ...failure,
    summary: typeof summary === 'object' && summary !== null && !Array.isArray(summary) ? summary : {},
    artifacts: [],
  });
}
