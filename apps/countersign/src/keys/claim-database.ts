import { commit, type EngineContext, firstKey } from '@countersign/engine';
import { CodedError, JsonObject } from '@countersign/protocol';
import type { InstallationKeys } from './installation-keys.ts';

function refuse(message: string): CodedError {
  return new CodedError('E_CONFIG', message, {
    next: 'use the keys folder of that installation as it is now, or another database',
  });
}

/**
 * A database belongs to one installation: another key on it would sign a history that it did not see. Ends a rotation
 * whose last step, in the keys folder, was cut off.
 */
export async function claimDatabase(
  opened: Pick<EngineContext, 'store' | 'crash'>,
  keys: InstallationKeys,
  now: number,
): Promise<void> {
  const { installation, ring } = keys;
  const { standing, known } = await commit(opened, 'installation', async (unit) => {
    const claimed = await unit.settings.get('installation');
    if (claimed === undefined) await unit.settings.set('installation', { id: installation, keyid: ring.signer.keyid });
    const before = JsonObject.safeParse(claimed ?? { id: installation, keyid: ring.signer.keyid });
    const listed = await unit.keys.list();
    const first = before.success && before.data['keyid'] === ring.signer.keyid && listed.length === 0;
    if (first) await unit.keys.insert(firstKey(ring.signer, now));
    return { standing: before, known: first ? await unit.keys.list() : listed };
  });
  if (!standing.success || standing.data['id'] !== installation || known.length === 0) {
    throw refuse('this database belongs to another installation');
  }
  const inForce = known.find(({ state }) => state === 'current' || state === 'handing_over');
  if (inForce === undefined || ring.find(inForce.keyid) === null) {
    throw refuse('this database belongs to another installation, or its signing key was rotated since');
  }
  if (inForce.keyid !== ring.signer.keyid) ring.promote(inForce.keyid);
}
