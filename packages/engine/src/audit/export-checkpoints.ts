import type { Checkpoint, CheckpointExport, Unit } from '@countersign/kernel';
import type { AuditEventName } from '@countersign/protocol';
import { systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import type { CheckpointSink } from './checkpoint-sink.ts';
import { recordAudit } from './record-audit.ts';

const longestWaitMs = 600_000;
const longestError = 500;
/** How long a place may take for one checkpoint. */
const keepTimeoutMs = 60_000;

/** When a failing place is tried again: its own interval, doubled with each failure, ten minutes at most. */
export function retryAfterMs(everyMs: number, failures: number): number {
  return Math.min(Math.max(longestWaitMs, everyMs), everyMs * 2 ** Math.min(failures, 20));
}

function begin({ name, kind }: CheckpointSink, now: number): CheckpointExport {
  return {
    sink: name,
    kind,
    treeSize: 0,
    rootHash: '',
    state: 'ok',
    failures: 0,
    error: null,
    changedAt: now,
    exportedAt: null,
  };
}

/** Stands the record, and tells the audit when the place begins to fail or takes checkpoints again. */
async function save(
  context: EngineContext,
  sink: CheckpointSink,
  change: (before: CheckpointExport) => CheckpointExport,
): Promise<void> {
  await commit(context, 'record', async (unit) => {
    const before = (await unit.exports.lock(sink.name)) ?? begin(sink, context.clock.now());
    const after = change(before);
    await unit.exports.save({
      ...after,
      changedAt: after.state === before.state ? before.changedAt : context.clock.now(),
    });
    if (after.state === before.state) return;
    await audit(context, unit, after.state === 'ok' ? 'checkpoint.export_mended' : 'checkpoint.export_failing', after);
  });
}

async function audit(
  context: EngineContext,
  unit: Unit,
  event: AuditEventName,
  record: CheckpointExport,
): Promise<void> {
  await recordAudit(context, unit, {
    event,
    actor: systemActor,
    subject: { kind: 'checkpoint_sink', id: record.sink },
    outcome: record.state === 'ok' ? 'ok' : 'failed',
    correlationId: context.ids.next(),
    detail: { kind: record.kind, tree_size: record.treeSize, error: record.error },
  });
}

/**
 * Gives a place the newest checkpoint if the log grew since the last it took. Never throws for what the place does: that
 * is kept with the record, counted and tried again. Answers whether the place took one, failed, or had nothing to take.
 */
export async function exportCheckpoint(
  context: EngineContext,
  sink: CheckpointSink,
  stopped: AbortSignal,
): Promise<'kept' | 'failed' | 'nothing'> {
  const { latest, record } = await context.store.read(async (reads) => ({
    latest: await reads.audit.latestCheckpoint(),
    record: await reads.exports.get(sink.name),
  }));
  if (latest === null || latest.treeSize <= (record?.treeSize ?? 0)) return 'nothing';
  try {
    await keep(sink, latest, stopped);
  } catch (error) {
    if (stopped.aborted) return 'nothing';
    const message = withoutSecrets(error instanceof Error ? error.message : String(error)).slice(0, longestError);
    await save(context, sink, (before) => ({
      ...before,
      state: 'failing',
      failures: before.failures + 1,
      error: message,
    }));
    return 'failed';
  }
  await save(context, sink, (before) => ({
    ...before,
    treeSize: Math.max(before.treeSize, latest.treeSize),
    rootHash: latest.treeSize > before.treeSize ? latest.rootHash : before.rootHash,
    state: 'ok',
    failures: 0,
    error: null,
    exportedAt: context.clock.now(),
  }));
  return 'kept';
}

async function keep(sink: CheckpointSink, checkpoint: Checkpoint, stopped: AbortSignal): Promise<void> {
  const timeout = AbortSignal.timeout(keepTimeoutMs);
  const signal = AbortSignal.any([stopped, timeout]);
  const late = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${keepTimeoutMs / 1000} s`)), {
      once: true,
    });
  });
  await Promise.race([sink.keep(checkpoint, signal), late]);
}

/** One loop per place; none waits for another. `stop` resolves when all have ended. */
export function startExports(
  context: EngineContext,
  onError: (what: string, error: unknown) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const loop = async (sink: CheckpointSink): Promise<void> => {
    while (!stopped.signal.aborted) {
      let failures = 0;
      try {
        await exportCheckpoint(context, sink, stopped.signal);
        failures = (await context.store.read((reads) => reads.exports.get(sink.name)))?.failures ?? 0;
      } catch (error) {
        failures = 1;
        onError(`export of checkpoints to ${sink.name}`, error);
      }
      if (stopped.signal.aborted) return;
      const waitMs = retryAfterMs(sink.everyMs, failures);
      await context.wake.listen(`export:${sink.name}`, waitMs, stopped.signal).done;
    }
  };
  const loops = context.sinks.map(loop);
  return {
    async stop() {
      stopped.abort();
      await Promise.all(loops);
    },
  };
}
