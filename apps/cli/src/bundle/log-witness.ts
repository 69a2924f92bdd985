import type { Client } from '@countersign/client';
import {
  fromHex,
  invalid,
  type LogWitness,
  toHex,
  valid,
  verifyCheckpoint,
  verifyConsistency,
} from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError, type TrustRoot } from '@countersign/protocol';
import { exportedLog } from '../audit-log/log-leaves.ts';
import { verifyLog } from '../audit-log/verify-log.ts';

/** Asks the running server for a consistency proof to its newest checkpoint, which a key in force must have signed. */
export function serverWitness(client: Client, trust: TrustRoot): LogWitness {
  return async (size, root) => {
    const newest = await verifyCheckpoint((await client.call('checkpoint')).note, trust, nodeVerifyCrypto);
    if (!newest.ok) return newest;
    if (!newest.value.inForce) return invalid('no key in force signed the newest checkpoint of the log');
    if (size > newest.value.size) return invalid(`the log has ${newest.value.size} entries, not ${size}`);
    const { hashes } = await client.call('proofConsistency', { query: { from: size, to: newest.value.size } });
    const claim = { earlierSize: size, earlierRoot: root, size: newest.value.size, root: newest.value.root };
    const held = await verifyConsistency({ ...claim, proof: hashes.map(fromHex) }, nodeSha256);
    return held ? valid(null) : invalid(`the log never had the root ${toHex(root)} at ${size} entries`);
  };
}

/** Computes the root again from an exported log, up to a checkpoint of it that a key in force signed. */
export function fileWitness(log: string, checkpoint: string, trust: TrustRoot): LogWitness {
  return async (size, root) => {
    const head = await verifyCheckpoint(checkpoint, trust, nodeVerifyCrypto);
    if (!head.ok) return head;
    if (!head.value.inForce) return invalid('no key in force signed the checkpoint of the exported log');
    if (size > head.value.size)
      return invalid(`the checkpoint of the exported log covers ${head.value.size} entries, not ${size}`);
    const heads = [
      { from: 'the checkpoint of the exported log', ...head.value },
      { from: 'the bundle', size, root, inForce: false },
    ];
    try {
      await verifyLog(exportedLog(log), heads);
      return valid(null);
    } catch (error) {
      if (error instanceof CodedError && error.code === 'E_VERIFY') return invalid(error.message);
      throw error;
    }
  };
}
