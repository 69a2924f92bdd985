import { checkpointOrigin, type Frontier, frontierRoot, signCheckpoint, toHex } from '@countersign/evidence';
import type { Checkpoint, InstallationKey, Reads, Unit } from '@countersign/kernel';
import { JsonObject } from '@countersign/protocol';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { rotationSetting } from './rotate-key.ts';

/** The pair of a rotation that is under way. */
export interface PendingRotation {
  readonly old: InstallationKey;
  readonly next: InstallationKey;
}

/** The rotation that is under way, or null. */
export async function pendingRotation(reads: Pick<Reads, 'keys'>): Promise<PendingRotation | null> {
  const keys = await reads.keys.list();
  const old = keys.find(({ state }) => state === 'handing_over');
  const next = keys.find(({ state }) => state === 'next');
  return old === undefined || next === undefined ? null : { old, next };
}

/** Whether this server's key is in force, and stays so until the unit ends: what it signs in the unit counts. */
export async function holdSigner(context: EngineContext, unit: Unit): Promise<boolean> {
  return (await unit.keys.hold(context.keys.signer.keyid))?.state === 'current';
}

/**
 * Whether all that the old key sealed has its leaf: the head at which it retires must cover it. Nothing more is sealed by
 * it since the rotation committed.
 */
export async function allSealedHaveLeaves(reads: Reads): Promise<boolean> {
  const setting = JsonObject.safeParse(await reads.settings.get(rotationSetting));
  const rotation = setting.success ? setting.data['entry_id'] : undefined;
  const entries = typeof rotation === 'string' ? [rotation] : [];
  for (let after = ''; ; ) {
    const records = await reads.evidence.inState(['sealed'], 200, after);
    for (const { auditEntryId } of records) if (auditEntryId !== null) entries.push(auditEntryId);
    const last = records.at(-1);
    if (last === undefined) break;
    after = last.bundleId;
  }
  for (const entryId of entries) if ((await reads.audit.get(entryId))?.leafIndex == null) return false;
  return true;
}

/** Signs the tree head at which the next key takes over with both keys, and lets it. False when this server cannot. */
export async function handOver(
  context: EngineContext,
  frontier: Frontier,
  pending: PendingRotation,
): Promise<Checkpoint | null> {
  const old = context.keys.find(pending.old.keyid);
  const next = context.keys.find(pending.next.keyid);
  if (old === null || next === null) return null;
  const root = frontierRoot(frontier, context.sha256);
  const head = { origin: checkpointOrigin(context.settings.installation), size: frontier.size, root };
  const checkpoint: Checkpoint = {
    treeSize: frontier.size,
    rootHash: toHex(root),
    frontier: frontier.hashes,
    note: signCheckpoint(head, old, context.sha256, next),
    at: context.clock.now(),
  };
  const done = await commit(context, 'checkpoint', async (unit) => {
    const retiring = await unit.keys.lock(pending.old.keyid);
    const coming = await unit.keys.lock(pending.next.keyid);
    if (retiring?.state !== 'handing_over' || coming?.state !== 'next') return false;
    await unit.audit.cosignCheckpoint(checkpoint);
    await unit.keys.save({ ...retiring, state: 'retired', untilSize: frontier.size });
    await unit.keys.save({ ...coming, state: 'current', fromSize: frontier.size, checkpoint: checkpoint.note });
    // Proofs that only the old key signed are brought up to date from here on.
    await unit.settings.set(renewalSetting, { keyid: next.keyid, after: '' });
    return true;
  });
  if (done) context.keys.promote(next.keyid);
  return done ? checkpoint : null;
}

/**
 * The setting that says for which key proofs are renewed, and after which bundle that goes on; null when all are done. The
 * key is in it so that a pass for the rotation before does not take this one's for its own.
 */
export const renewalSetting = 'evidence.renewal';

/** Where another server on this database rotated: takes over the key that is in force, if it is in the keys folder. */
export async function followRotation(context: EngineContext): Promise<void> {
  const keys = await context.store.read((reads) => reads.keys.list());
  const inForce = keys.find(({ state }) => state === 'current');
  if (inForce === undefined || inForce.keyid === context.keys.signer.keyid) return;
  if (context.keys.find(inForce.keyid) === null) {
    throw new Error(`the key in force, ${inForce.keyid}, is not in the keys folder of this server: copy it there`);
  }
  context.keys.promote(inForce.keyid);
}
