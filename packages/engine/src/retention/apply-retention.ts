import type { ContentKind, KeptContent, ShortLivedRows } from '@countersign/kernel';
import type { JsonObject, RetentionPass } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { type Actor, systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { measureOutputs, removeOutput } from './output-content.ts';

/** How long content and short-lived rows are kept. Null has no limit. */
export interface RetentionSettings {
  readonly artifactMs: number | null;
  readonly artifactBytes: number | null;
  readonly outputMs: number | null;
  readonly outputBytes: number | null;
  readonly rowMs: number;
}

const atOnce = 50;
const rowsAtOnce = 500;
const shortLived: readonly ShortLivedRows[] = ['idempotency', 'job', 'plan_view', 'checkpoint'];

interface Taken {
  count: number;
  sizeBytes: number;
}

/** Whoever asked, and the id that ties what is told together. */
export interface RetentionCause {
  readonly actor: Actor;
  readonly correlationId: string;
}

/**
 * Takes what is older than its days, then the oldest of what is over its budget, in small units, each with its audit
 * entry that keeps the digests of what it took. Plans, approvals, bundles and the audit are never taken.
 */
export async function applyRetention(context: EngineContext, cause?: RetentionCause): Promise<RetentionPass> {
  const by = cause ?? { actor: systemActor, correlationId: context.ids.next() };
  await measureOutputs(context);
  const artifacts = await takeContent(context, by, 'artifact');
  const outputs = await takeContent(context, by, 'output');
  const rows = await takeRows(context, by);
  return {
    at: context.clock.now(),
    artifacts: { count: artifacts.count, size_bytes: artifacts.sizeBytes },
    outputs: { count: outputs.count, size_bytes: outputs.sizeBytes },
    rows,
  };
}

async function record(
  context: EngineContext,
  unit: Parameters<typeof recordAudit>[1],
  by: RetentionCause,
  detail: JsonObject,
) {
  await recordAudit(context, unit, {
    event: 'retention.applied',
    actor: by.actor,
    subject: { kind: 'installation', id: context.settings.installation },
    outcome: 'ok',
    correlationId: by.correlationId,
    detail,
  });
}

async function takeContent(context: EngineContext, by: RetentionCause, kind: ContentKind): Promise<Taken> {
  const { artifactMs, artifactBytes, outputMs, outputBytes } = context.retention.settings;
  const [keepMs, budget] = kind === 'artifact' ? [artifactMs, artifactBytes] : [outputMs, outputBytes];
  const taken: Taken = { count: 0, sizeBytes: 0 };
  const now = context.clock.now();
  if (keepMs !== null) while (await takeBatch(context, by, kind, now - keepMs, Number.POSITIVE_INFINITY, taken));
  if (budget !== null) {
    for (;;) {
      const usage = await context.store.read((reads) => reads.retention.usage());
      const over = (kind === 'artifact' ? usage.artifacts : usage.outputs).sizeBytes - budget;
      if (over <= 0 || !(await takeBatch(context, by, kind, now, over, taken))) break;
    }
  }
  return taken;
}

/** Takes the oldest, until `enough` bytes are taken; answers whether there may be more. */
async function takeBatch(
  context: EngineContext,
  by: RetentionCause,
  kind: ContentKind,
  endedBefore: number,
  enough: number,
  taken: Taken,
): Promise<boolean> {
  const gone = await commit(
    context,
    'retention',
    async (unit) => {
      const found = await unit.retention.removable(kind, endedBefore, atOnce);
      const chosen = upTo(found, enough);
      if (chosen.length === 0) return [];
      const at = context.clock.now();
      for (const content of chosen) {
        if (kind === 'output') await removeOutput(unit, content, at);
        await unit.retention.saveContent({ ...content, removedAt: at }, at);
      }
      const removed = chosen.map(({ id, sha256, sizeBytes }) => ({ id, sha256, size_bytes: sizeBytes }));
      await record(context, unit, by, { kind, removed });
      return chosen;
    },
    (chosen) => chosen.length > 0,
  );
  // Files go after the commit: what is still there afterwards is found by nobody and taken by the next pass of its kind.
  if (kind === 'artifact') for (const { sha256 } of gone) await removeFile(context, sha256);
  taken.count += gone.length;
  taken.sizeBytes += gone.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  return gone.length > 0;
}

function upTo(found: readonly KeptContent[], enough: number): KeptContent[] {
  const chosen: KeptContent[] = [];
  let bytes = 0;
  for (const content of found) {
    if (bytes >= enough) break;
    chosen.push(content);
    bytes += content.sizeBytes;
  }
  return chosen;
}

async function removeFile(context: EngineContext, sha256: string): Promise<void> {
  const stands = await context.store.read((reads) => reads.retention.artifactStands(sha256));
  if (!stands) await context.artifacts.remove(sha256);
}

async function takeRows(context: EngineContext, by: RetentionCause): Promise<number> {
  const before = context.clock.now() - context.retention.settings.rowMs;
  let total = 0;
  for (const rows of shortLived) {
    for (;;) {
      const count = await commit(
        context,
        'retention',
        async (unit) => {
          const removed = await unit.retention.removeRows(rows, before, rowsAtOnce);
          if (removed > 0) await record(context, unit, by, { kind: rows, rows: removed, before });
          return removed;
        },
        (removed) => removed > 0,
      );
      total += count;
      if (count < rowsAtOnce) break;
    }
  }
  return total;
}
