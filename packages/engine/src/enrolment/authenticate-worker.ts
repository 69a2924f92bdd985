import { fromBase64, readWorkerProof, workerProofMs } from '@countersign/evidence';
import type { Token } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

/** How far the clock of a worker may be off before it is told the server's time. */
const clockToleranceMs = 60_000;

/**
 * The token row that a worker's proof stands for; null where the text is no proof at all. A proof is over this installation and
 * at most a minute old. One that holds but for its time is refused with the server's, so that the worker can go by that.
 */
export async function tokenOfProof(context: EngineContext, text: string): Promise<Outcome<Token> | null> {
  const proof = readWorkerProof(text);
  if (proof === null) return null;
  const refused = refuse('E_AUTH_INVALID', 'the key of this worker is unknown or was revoked', {
    next: 'enrol the worker again: countersign workers enrol NAME --target TARGET --action ACTION',
  });
  const known = await context.store.read(async (reads) => {
    const key = await reads.workerKeys.byKeyid(proof.keyid);
    const token = key === null ? null : await reads.tokens.get(key.tokenId);
    return key === null || token === null ? null : { key, token };
  });
  const publicKey = known === null ? null : fromBase64(known.key.publicKey);
  if (known === null || publicKey === null || proof.installation !== context.settings.installation) return refused;
  if (!(await context.verifyCrypto.verifyEd25519(publicKey, proof.message, proof.signature))) return refused;
  const now = context.clock.now();
  const ageMs = now - proof.at;
  if (ageMs > workerProofMs || ageMs < -clockToleranceMs) {
    return refuse('E_AUTH_INVALID', `the proof was made ${Math.abs(ageMs)} ms ${ageMs < 0 ? 'from now' : 'ago'}`, {
      server_time: now,
      next: "the worker goes by the server's time from here on; set its clock",
    });
  }
  return accept(known.token);
}
