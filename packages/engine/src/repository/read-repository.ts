import type { Reads } from '@countersign/kernel';
import { runEnded } from '@countersign/kernel';
import {
  accept,
  isErrorCode,
  type JsonObject,
  type Outcome,
  refuse,
  type TargetRef,
  type TargetSelector,
} from '@countersign/protocol';
import { resolveTarget } from '../catalogue/resolve-target.ts';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { sees } from '../operation/find-operation.ts';
import { waitForOperation } from '../operation/wait-for-operation.ts';
import { cancelOperation } from '../run/cancel-operation.ts';
import { executeAction } from '../run/execute-action.ts';
import { viewRun } from '../run/view-run.ts';

/** What was read, as the run keeps it: secrets are masked. */
export interface RepositoryRead {
  readonly target: TargetRef;
  readonly opId: string;
  readonly runId: string;
  readonly summary: JsonObject;
  readonly truncated: boolean;
  readonly artifact: { readonly id: string; readonly content: Uint8Array } | null;
}

/** Which read, and how long it may take. */
export interface RepositoryQuestion {
  /** By its name in the address, or by the query's selector. */
  readonly chosen: { readonly named: string } | { readonly selector: TargetSelector };
  readonly action: string;
  readonly inputs: JsonObject;
  readonly waitMs: number;
  readonly signal: AbortSignal;
}

const connector = 'repo';

function chosenTarget(context: EngineContext, caller: Caller, { chosen }: RepositoryQuestion): Outcome<TargetRef> {
  const targets = context.targets.filter((target) => sees(caller, target));
  if (!('named' in chosen)) return resolveTarget(targets, chosen.selector, connector);
  const found = targets.find((target) => target.name === chosen.named && target.connector === connector);
  if (found !== undefined) return accept(found);
  return refuse('E_NOT_FOUND', `there is no repository "${chosen.named}" that you may see`, {
    field: 'params/target',
    next: 'see `countersign targets`',
  });
}

/** What a failed read means to whoever asked: what is not there is 404, what the repository does not give a bad request. */
function refusalOf(failure: { code: string; message: string; detail?: JsonObject | undefined }): Outcome<never> {
  const { code, message, detail = {} } = failure;
  if (code === 'E_TARGET_MISSING') return refuse('E_NOT_FOUND', message, { ...detail, next: 'look at the tree' });
  if (code === 'E_TARGET_REFUSED') {
    return refuse('E_VALIDATION', message, { ...detail, next: 'see the status for the allowed paths' });
  }
  return isErrorCode(code) ? refuse(code, message, detail) : refuse('E_INTERNAL', message, detail);
}

async function ended(reads: Reads, operationId: string): Promise<boolean> {
  const run = await reads.runs.byOperation(operationId);
  return run !== null && (runEnded(run.state) || run.state === 'outcome_unknown');
}

/** Reads a repository through the read pipeline: decided by policy, done by a worker, audited, capped and kept. */
export async function readRepository(
  context: EngineContext,
  caller: Caller,
  question: RepositoryQuestion,
): Promise<Outcome<RepositoryRead>> {
  const target = chosenTarget(context, caller, question);
  if (!target.ok) return target;
  const { action, inputs, waitMs, signal } = question;
  const started = await executeAction(context, caller, {
    request_id: context.ids.next(),
    target: target.value.name,
    action,
    inputs,
  });
  if (!started.ok) return started;
  const opId = started.value;
  const settled = await waitForOperation(context, opId, waitMs, (reads) => ended(reads, opId), signal);
  if (!settled) {
    await cancelOperation(context, caller, opId, 'nobody waits for it any more');
    return refuse('E_TIMEOUT', `the read did not end within ${waitMs} ms and was cancelled`, {
      op_id: opId,
      next: 'ask for less, or wait longer with "Prefer: wait=60"',
    });
  }
  const run = await context.store.read(async (reads) => {
    const found = await reads.runs.byOperation(opId);
    return found === null ? null : await viewRun(reads, found);
  });
  if (run === null) return refuse('E_INTERNAL', 'the read left no run');
  if (run.failure !== null) return refusalOf(run.failure);
  const [kept] = run.artifacts;
  const content = kept === undefined ? null : await context.artifacts.get(kept.sha256);
  return accept({
    target: target.value,
    opId,
    runId: run.run_id,
    summary: run.summary ?? {},
    truncated: run.artifacts.some((each) => each.truncated) || run.summary?.['truncated'] === true,
    artifact: kept === undefined || content === null ? null : { id: kept.artifact_id, content },
  });
}
