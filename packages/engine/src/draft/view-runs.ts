import { displayStatus, type Operation, type Reads, type Run, statusWords } from '@countersign/kernel';
import {
  accept,
  approvedIdOf,
  type Outcome,
  type RunSummary,
  refuse,
  runIdOf,
  type StreamEvent,
  uuidOfRunId,
} from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation } from '../operation/find-operation.ts';
import { collectOperations, type DraftPage } from './list-drafts.ts';

const loggedLines = 500;
const eventsRead = 2000;

/** An event of the stream as lines of a log; what only machines need is left out. */
function linesOf(event: StreamEvent): string[] {
  switch (event.type) {
    case 'state':
      return [`${event.subject}: ${event.state}`];
    case 'output':
      return event.text.replace(/\n$/, '').split('\n');
    case 'progress':
      return [event.message];
    case 'truncated':
      return [`(${event.dropped_bytes} bytes of output were over the limit and are not kept)`];
    case 'removed':
      return ['(older output is not kept any more)'];
    case 'end':
      return [`end: ${event.state}`];
  }
}

async function logOf(reads: Reads, operationId: string): Promise<string[]> {
  const last = await reads.streams.last(operationId);
  const chunks = await reads.streams.after(operationId, Math.max(0, last - eventsRead), eventsRead);
  return chunks.flatMap(({ event }) => linesOf(event)).slice(-loggedLines);
}

async function summaryOf(
  context: EngineContext,
  reads: Reads,
  operation: Operation,
  run: Run,
  log: readonly string[],
): Promise<RunSummary> {
  const undo = await reads.operations.rollbackOf(operation.id);
  const undone = undo?.closedReason === 'executed';
  const { status, detail } = displayStatus(operation, null, [], run, context.clock.now(), undone);
  return {
    id: runIdOf(run.id),
    approved_id: approvedIdOf(operation.id),
    status: statusWords[status].orRun,
    log: [...log],
    started_at: run.startedAt,
    ended_at: run.endedAt,
    created_at: run.createdAt,
    op_id: operation.id,
    bundle_id: operation.bundleId,
    target: operation.target.name,
    display: status,
    failure: run.failure,
    detail,
  };
}

/** Runs of changes, newest operation first. What is past its time stands in no list; by its id it is still found. */
export async function listRuns(context: EngineContext, caller: Caller, page: DraftPage): Promise<RunSummary[]> {
  const ranSince = context.clock.now() - context.settings.listedMs;
  return await context.store.read((reads) =>
    collectOperations(reads, caller, page, { ranSince }, async (operation) => {
      const run = await reads.runs.byOperation(operation.id);
      return run === null ? null : await summaryOf(context, reads, operation, run, []);
    }),
  );
}

/** One run with its log, for a caller who sees its operation. */
export async function readRunLog(context: EngineContext, caller: Caller, runId: string): Promise<Outcome<RunSummary>> {
  const id = uuidOfRunId(runId);
  return await context.store.read(async (reads) => {
    const run = id === null ? null : await reads.runs.get(id);
    const seen = run === null ? null : await findOperation(reads, caller, run.operationId, 'viewer');
    if (run !== null && seen?.ok === true && seen.value.effect !== 'read') {
      return accept(await summaryOf(context, reads, seen.value, run, await logOf(reads, run.operationId)));
    }
    return refuse('E_NOT_FOUND', `there is no run ${runId} that you may see`, { next: 'a run id reads r_<ulid>' });
  });
}
