import { type CompleteRequest, Job, JsonValue } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { claim } from '../../packages/engine/src/fixture/do-work.ts';
import { callerOf } from '../../packages/engine/src/fixture/people.ts';
import type { Session } from '../../packages/engine/src/fixture/session.ts';
import { withSession } from '../../packages/engine/src/fixture/with-session.ts';
import { startRun } from '../../packages/engine/src/run/start-run.ts';
import { approve, plannedForProduction } from './approved-operation.ts';
import { tryToRun } from './attempt.ts';
import { DatabaseOwner } from './database-owner.ts';
import { approvalEdits, copies, fittingEdits, operationEdits, planEdits } from './edits.ts';
import { runClaimed, trustingPort } from './ledger-worker.ts';
import { Tally } from './tally.ts';
import { textMutants } from './text-mutants.ts';

const timeout = 3_600_000;

async function started(session: Session): Promise<string> {
  const { opId, digest } = await plannedForProduction(session);
  await approve(session, opId, digest);
  const run = await startRun(session.context, callerOf('ada'), { opId, digest, requestId: undefined, busy: 'queue' });
  if (!run.ok) throw new Error(run.message);
  return opId;
}

it('what is changed in the database between the start and the claim never runs', { timeout }, async () => {
  await withSession(async (session) => {
    const opId = await started(session);
    using owner = new DatabaseOwner(session.bench.path);
    const whole = owner.snapshot();
    const tally = new Tally('waiting run', 0.05);
    const same = () => {
      tally.same += 1;
    };
    const approvals = await session.context.store.read((reads) => reads.approvals.list(opId));
    const ids = approvals.flatMap(({ id, statement }) => (statement.kind === 'approve' ? [id] : []));
    const where = `operation_id = '${opId}'`;
    const runDigest = String(owner.value('run', 'plan_digest', where));
    function* all() {
      yield* planEdits(owner, opId, tally.random, same);
      yield* fittingEdits(owner, opId, tally.random);
      yield* operationEdits(owner, opId, tally.random, same);
      yield* approvalEdits(owner, ids, tally.random, same);
      for (const { kind, value } of textMutants(runDigest, tally.random)) {
        yield { kind, at: 'run/plan_digest', edits: [{ table: 'run', column: 'plan_digest', where, value }] };
      }
    }
    while (!tally.done) {
      for (const { kind, at, edits } of all()) {
        if (tally.done) break;
        if (edits.every(({ table, column, where: row, value }) => owner.edit(table, column, row, value))) {
          tally.note(kind, at, await tryToRun(session, opId));
        }
        owner.restore(whole);
      }
    }
    tally.end();
    expect(await tryToRun(session, opId)).toMatchObject({ answer: 'succeeded', effects: { length: 2 } });
  });
});

const Ran = z.array(z.object({ index: z.unknown(), action: z.unknown(), inputs: z.unknown() }));

/** Of steps what a worker would do; null where they are none. */
function whatRuns(steps: unknown): string | null {
  const parsed = Ran.safeParse(steps);
  return parsed.success ? JSON.stringify(parsed.data) : null;
}

/** Every change of what a worker holds in its hands; a sealed value is named in the plan and not compared. */
function* changedJobs(job: Job, tally: Tally): Generator<{ kind: string; at: string; job: object }> {
  const { plan, plan_digest: digest, target, steps } = job;
  for (const { kind, at, value } of copies(JsonValue.parse(plan), tally.random)) {
    yield { kind, at: `plan${at}`, job: { ...job, plan: value } };
  }
  for (const { kind, value } of textMutants(digest ?? '', tally.random)) {
    yield { kind, at: 'plan_digest', job: { ...job, plan_digest: value } };
  }
  for (const { kind, at, value } of copies(JsonValue.parse(target), tally.random)) {
    yield { kind, at: `target${at}`, job: { ...job, target: value } };
  }
  for (const { kind, at, value } of copies(JsonValue.parse(steps), tally.random)) {
    // A sealed value is named in the plan and not compared; the key and whatever else stands beside a step is not run.
    if (/idempotency_key|\/inputs\/password/.test(at) || whatRuns(value) === whatRuns(steps)) tally.same += 1;
    else yield { kind, at: `steps${at}`, job: { ...job, steps: value } };
  }
}

it('what is changed in the worker’s own copy between the claim and the run never runs', { timeout }, async () => {
  await withSession(async (session) => {
    await started(session);
    const job = await claim(session, 'run');
    if (job === null) throw new Error('there is no run to claim');
    const tally = new Tally('worker’s copy', 0.3);
    while (!tally.done) {
      for (const { kind, at, job: changed } of changedJobs(job, tally)) {
        if (tally.done) break;
        const effects: string[] = [];
        const completed: CompleteRequest[] = [];
        // The worker's memory holds what it holds: no schema looks at it between claim and run.
        const held: Job = Object.assign(structuredClone(job), changed);
        // What is no job at all breaks the work on it, which is told as E_INTERNAL; it has no effect either.
        const broke = await runClaimed(held, trustingPort(completed), session.instance, effects).then(
          () => false,
          () => !Job.safeParse(held).success,
        );
        const [end] = completed;
        const told = end?.kind === 'run' ? (end.failure?.code ?? end.result) : 'no answer';
        const answer = broke ? 'E_INTERNAL' : told;
        tally.note(kind, at, { answer, effects });
      }
    }
    tally.end();
    const effects: string[] = [];
    await runClaimed(job, trustingPort([]), session.instance, effects);
    expect(effects).toHaveLength(2);
  });
});
