import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { expireInvites } from '../invite/revoke-invite.ts';

/** How long an ended session is kept: so long its address counts as one that the person signed in from. */
const keptMs = 30 * 86_400_000;

/** Writes down which invites ran out, and deletes what no sign-in can use any more. */
export async function tidySignIns(context: EngineContext): Promise<void> {
  await expireInvites(context);
  const now = context.clock.now();
  await commit(
    context,
    'sign-in-tidy',
    async (unit) => (await unit.signIns.deleteExpired(now)) + (await unit.sessions.deleteOld(now - keptMs)),
    (deleted) => deleted > 0,
  );
}
