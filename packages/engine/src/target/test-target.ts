import { accept, type Outcome, refuse, type TargetTestView, worstReadiness } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { targetsTopic } from '../context/wake-ups.ts';
import { holdsRole, sees } from '../operation/find-operation.ts';

const patienceMs = 10_000;
const lookEveryMs = 200;

type Found = TargetTestView['workers'][number];

async function foundBy(context: EngineContext, worker: string, target: string, askedAt: number): Promise<Found | null> {
  const { record, answeredAt } = await context.store.read(async (reads) => ({
    record: await reads.workers.get(worker),
    answeredAt: (await reads.targets.look(worker)).answeredAt,
  }));
  if (record === null || answeredAt < askedAt) return null;
  const offered = record.targets.find(({ name }) => name === target);
  if (offered === undefined) {
    const message = 'it does not serve this target: its scope, or the target itself, was changed meanwhile';
    return { worker, status: 'unavailable', message, looked_at: record.registeredAt };
  }
  return { worker, status: offered.status, message: offered.message, looked_at: record.registeredAt };
}

/** Waits for a worker's word that is newer than the question. */
async function answerOf(context: EngineContext, worker: string, target: string, askedAt: number): Promise<Found> {
  for (const until = performance.now() + patienceMs; performance.now() < until; ) {
    const found = await foundBy(context, worker, target, askedAt);
    if (found !== null) return found;
    await context.wake.wait('never:test', lookEveryMs);
  }
  return { worker, status: 'unavailable', message: `it did not answer within ${patienceMs / 1000} s`, looked_at: null };
}

/** Has every worker of a target look at it now, with its real connection, and answers what they found. Changes nothing at the target. */
export async function testTarget(
  context: EngineContext,
  caller: Caller,
  name: string,
): Promise<Outcome<TargetTestView>> {
  const target = context.targets.find((known) => known.name === name && sees(caller, known));
  if (target === undefined) {
    return refuse('E_NOT_FOUND', `there is no target ${name} that you may see`, { next: 'see `countersign targets`' });
  }
  const holds = holdsRole(caller, target, 'actions');
  if (!holds.ok) return holds;
  const { managed, serving } = await context.store.read(async (reads) => ({
    managed: await reads.targets.get(name),
    serving: await context.catalogue.serving(reads, target),
  }));
  const workers = [...new Set([...(managed === null ? [] : [managed.worker]), ...serving.map(({ worker }) => worker)])];
  const asked = workers.filter((worker) => worker !== 'server');
  const askedAt = context.clock.now();
  await commit(context, 'target', async (unit) => {
    for (const worker of asked) await unit.targets.askToLook(worker, askedAt);
    await recordAudit(context, unit, {
      event: 'target.tested',
      actor: actorOf(caller.principal),
      subject: { kind: 'target', id: name },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { workers: asked },
    });
    unit.afterCommit(() => context.wake.notify(targetsTopic));
  });
  const found = await Promise.all(asked.map((worker) => answerOf(context, worker, name, askedAt)));
  const own: Found[] = workers.includes('server')
    ? [{ worker: 'server', status: 'ready', message: 'the server itself serves it', looked_at: askedAt }]
    : [];
  const all = [...found, ...own];
  const status = all.some((each) => each.status === 'ready') ? 'ready' : worstReadiness(all.map((each) => each.status));
  return accept({ target: name, status: all.length === 0 ? 'unavailable' : status, workers: all });
}
