import { CodedError, Fence, uuidOfUlid } from '@countersign/protocol';
import { z } from 'zod';
import type { Bridge } from './bridge.ts';

/** What every tool about a dispatch takes that is not the first: which one, and the proof that it is the caller's. */
export const heldDispatch = {
  run_id: z.string().describe('run_id of the dispatch that claim_dispatch handed over.'),
  lease: Fence.describe('lease of that dispatch, as it was handed over.'),
};

/** Says something of a dispatch that an agent holds. Whatever is not its own, or is no run at all, is refused in the same words. */
export async function ofHeld<Answer>(
  { client }: Bridge,
  runId: string,
  say: (client: Bridge['client'], runId: string) => Promise<Answer>,
): Promise<Answer> {
  if (runId.startsWith('r_') && uuidOfUlid(runId.slice(2)) !== null) return await say(client, runId);
  throw new CodedError('E_LEASE_LOST', 'this instruction is not, or no longer, yours', {
    next: 'stop; a person says what became of it',
  });
}
