import { signRotation, toBase64 } from '@countersign/evidence';
import type { InstallationKey } from '@countersign/kernel';
import { accept, type KeyView, type Outcome, refuse } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { publicKeyOf } from './read-trust.ts';

/** A key as everyone with the right may see it. */
export function viewKey({ keyid, name, purposes, state, fromSize, untilSize }: InstallationKey): KeyView {
  return { keyid, name, purposes: [...purposes], state, from_size: fromSize, until_size: untilSize };
}

/** Every signing key, oldest first. */
export async function listKeys(context: EngineContext): Promise<KeyView[]> {
  return (await context.store.read((reads) => reads.keys.list())).map(viewKey);
}

const busy = 'another rotation is under way';

/**
 * Begins a rotation: the old key vouches for a new one, which signs as well to show that it is held. Sealing pauses until
 * `handOver` has signed the tree head at which the new key takes over; that head holds this entry.
 *
 * Refuses with E_AUTH_FORBIDDEN for an AI, E_STATE while another rotation is under way or this server's key is not the
 * one in force.
 */
export async function rotateKey(context: EngineContext, caller: Caller, reason: string): Promise<Outcome<KeyView>> {
  if (caller.principal.ai) return refuse('E_AUTH_FORBIDDEN', 'an AI never rotates keys', { next: 'ask a person' });
  const { signer: old } = context.keys;
  const signer = context.keys.prepare();
  const next: InstallationKey = {
    keyid: signer.keyid,
    name: signer.name,
    publicKey: toBase64(signer.publicKey),
    purposes: ['checkpoint', 'evidence', 'approval'],
    state: 'next',
    fromSize: null,
    untilSize: null,
    statement: null,
    checkpoint: null,
    createdAt: context.clock.now(),
  };
  const statement = signRotation(context.settings.installation, publicKeyOf(next), old, signer);
  return await commit(context, 'record', async (unit): Promise<Outcome<KeyView>> => {
    const current = await unit.keys.lock(old.keyid);
    if (current?.state !== 'current') {
      return refuse('E_STATE', current?.state === 'handing_over' ? busy : 'the key of this server is not in force', {
        next: 'see `countersign keys list`',
      });
    }
    await unit.keys.save({ ...current, state: 'handing_over' });
    await unit.keys.insert({ ...next, statement });
    const entryId = await recordAudit(context, unit, {
      event: 'key.rotated',
      actor: actorOf(caller.principal),
      subject: { kind: 'key', id: next.keyid },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { from: old.keyid, to: next.keyid, public_key: next.publicKey, reason: withoutSecrets(reason) },
    });
    await unit.settings.set(rotationSetting, { entry_id: entryId });
    return accept(viewKey({ ...next, statement }));
  });
}

/** The setting that names the audit entry of the rotation that is under way. */
export const rotationSetting = 'key.rotation';
