import { recordAudit } from '../audit/record-audit.ts';
import { systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

/** Where a restored state comes from. */
export interface RestoreFact {
  /** Name of the backup. */
  readonly backup: string;
  readonly madeAt: number;
  /** Entries in the log that was restored. */
  readonly treeSize: number;
  /** Digest of its `backup.json`. */
  readonly manifestHash: string;
}

/**
 * Says in the log that it goes on from a backup, and switches panic mode on: what ran after the backup stands in it as
 * not yet run, so nothing may start until a person has looked. Sessions and open links end: some of them had been ended or
 * used after the backup.
 */
export async function recordRestore(context: EngineContext, fact: RestoreFact): Promise<void> {
  const common = {
    actor: systemActor,
    subject: { kind: 'installation', id: context.settings.installation } as const,
    outcome: 'ok' as const,
    correlationId: context.ids.next(),
  };
  const { backup, madeAt: made_at, treeSize: tree_size, manifestHash: manifest_hash } = fact;
  await commit(context, 'restore', async (unit) => {
    const now = context.clock.now();
    const ended = {
      sessions_ended: await unit.sessions.endEveryone(now),
      invites_revoked: await unit.invites.revokeAll(now),
    };
    await recordAudit(context, unit, {
      ...common,
      event: 'installation.restored',
      detail: { backup, made_at, tree_size, manifest_hash, version: context.settings.version, ...ended },
    });
    await unit.settings.set('panic', true);
    await recordAudit(context, unit, { ...common, event: 'panic.on', detail: { reason: `restored from ${backup}` } });
  });
}
