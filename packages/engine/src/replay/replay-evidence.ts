import type { Operation, Run, Unit } from '@countersign/kernel';
import {
  accept,
  type Failure,
  JsonObject,
  noReplay,
  type Outcome,
  type ReplayInputs,
  type ReplayRecord,
  refuse,
  replayActionOf,
  type TargetRef,
  type VerifyReport,
} from '@countersign/protocol';
import { actorOf, type Caller, requesterOf } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { findOperation } from '../operation/find-operation.ts';
import { claimKey, findKey, type IdempotencyKey } from '../operation/idempotency-key.ts';
import { newRun } from '../run/create-run.ts';
import { enqueue } from '../run/enqueue.ts';
import { recordOfFiles, verifyFiles } from './bundle-record.ts';
import { recordReplay } from './record-replay.ts';

interface Sealed {
  readonly inputs: ReplayInputs;
  readonly target: TargetRef;
  readonly record: ReplayRecord | null;
  readonly verified: VerifyReport;
}

async function sealedBundle(context: EngineContext, caller: Caller, bundleId: string): Promise<Outcome<Sealed>> {
  const found = await context.store.read(async (reads) => {
    const evidence = await reads.evidence.get(bundleId);
    const seen = evidence === null ? null : await findOperation(reads, caller, evidence.operationId, 'viewer');
    if (evidence === null || seen?.ok !== true) return null;
    return { evidence, operation: seen.value, files: await reads.evidence.files(bundleId) };
  });
  if (found === null) {
    return refuse('E_NOT_FOUND', `there is no bundle ${bundleId} that you may see`, {
      next: 'a bundle exists once its operation has started',
    });
  }
  const { evidence, operation, files } = found;
  if (evidence.state !== 'sealed' && evidence.state !== 'anchored') {
    return refuse('E_STATE', 'the bundle is not sealed yet: its operation has not come to its end', {
      op_id: operation.id,
      next: `see how it stands: countersign show ${operation.id}`,
    });
  }
  return accept({
    inputs: { bundle_id: bundleId, op_id: operation.id },
    target: operation.target,
    record: recordOfFiles(files),
    verified: await verifyFiles(context, files),
  });
}

/** What is known without doing anything: a bundle that does not verify is not replayed, and some actions cannot be. */
function knownAtOnce({ record, verified }: Sealed): Pick<Run, 'failure' | 'summary'> | null {
  const bad = verified.findings.filter(({ state }) => state === 'fail' || state === 'error').map(({ id }) => id);
  if (bad.length > 0 || record === null) {
    const what = bad.length === 0 ? 'a file cannot be read' : [...new Set(bad)].join(', ');
    const failure: Failure = {
      code: 'E_VERIFY',
      message: `the bundle does not verify, so it is not replayed: ${what}`,
      detail: { findings: bad, next: 'countersign verify FOLDER names each finding with its file' },
    };
    return { failure, summary: null };
  }
  const report = noReplay(record);
  return report === null ? null : { failure: null, summary: JsonObject.parse(report) };
}

function operationOf(context: EngineContext, caller: Caller, { inputs, target }: Sealed): Operation {
  const now = context.clock.now();
  return {
    id: context.ids.next(),
    bundleId: context.ids.next(),
    state: 'planned',
    closedReason: null,
    effect: 'read',
    risk: 'low',
    origin: 'action',
    target,
    steps: [{ action: replayActionOf(target.connector), inputs }],
    start: 'when_allowed',
    note: '',
    requester: requesterOf(caller.principal, target),
    revision: 0,
    verdict: null,
    verdictDigest: null,
    rollbackOf: null,
    plannedBy: null,
    groupId: null,
    correlationId: caller.correlationId,
    createdAt: now,
    updatedAt: now,
  };
}

async function insertReplay(
  context: EngineContext,
  unit: Unit,
  operation: Operation,
  { inputs }: Sealed,
  known: Pick<Run, 'failure' | 'summary'> | null,
  caller: Caller,
): Promise<void> {
  const { run } = newRun(context, operation, null);
  if (known === null) {
    await unit.operations.insert(operation);
    await unit.runs.insert(run, []);
    await enqueue(context, unit, { kind: 'read', operation });
    return;
  }
  const ok = known.failure === null;
  await unit.operations.insert({ ...operation, state: 'closed', closedReason: ok ? 'executed' : 'failed' });
  await unit.runs.insert(
    { ...run, ...known, state: ok ? 'succeeded' : 'failed', startedAt: run.createdAt, endedAt: run.createdAt },
    [],
  );
  await recordReplay(context, unit, operation, inputs, known, actorOf(caller.principal));
}

/**
 * Replays a sealed bundle by a worker that has its target: a read, so it waits in the same queue, changes nothing and has
 * one audit entry at its end. Anyone who may see the bundle may ask: the answer holds comparisons, never content.
 * Answers the replay's id.
 */
export async function replayEvidence(
  context: EngineContext,
  caller: Caller,
  bundleId: string,
  requestId: string | undefined,
): Promise<Outcome<string>> {
  const key: IdempotencyKey | null =
    requestId === undefined ? null : { route: 'evidence.replay', key: requestId, body: { bundle_id: bundleId } };
  const standing = await context.store.read((reads) => findKey(context, reads, caller, key));
  if (standing !== null) return standing;
  const sealed = await sealedBundle(context, caller, bundleId);
  if (!sealed.ok) return sealed;
  const { target } = sealed.value;
  const known = knownAtOnce(sealed.value);
  const serving = await context.store.read((reads) => context.catalogue.serving(reads, target));
  if (known === null && serving.length === 0) {
    return refuse('E_WORKER_UNAVAILABLE', `no worker serves target "${target.name}" now`, {
      target: target.name,
      next: 'start one with `countersign worker`, or replay the folder offline: countersign replay FOLDER',
    });
  }
  const operation = operationOf(context, caller, sealed.value);
  return await commit(context, 'read', async (unit) => {
    const claimed = key === null ? accept(operation.id) : await claimKey(context, unit, caller, operation.id, key);
    if (!claimed.ok || claimed.value !== operation.id) return claimed;
    await insertReplay(context, unit, operation, sealed.value, known, caller);
    return accept(operation.id);
  });
}
