import { accept, type HostCodeView, type Outcome, refuse } from '@countersign/protocol';
import { z } from 'zod';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { newSecretText } from '../session/session-text.ts';
import { tokenOwner } from '../sign-in/sign-in-owner.ts';
import { tokenHash } from '../token/token-text.ts';
import { stepUpSubject } from './step-up-subject.ts';

const codeMs = 5 * 60_000;
const Remembered = z.strictObject({ token: z.string(), file: z.string() });

/**
 * Writes a one-time code into the server's data folder, where only whoever runs the server reads it: an installation that has tokens
 * alone can step up by it. The code is bound to the token that asked; of a token that asks on and on the oldest codes are taken away.
 */
export async function beginHostStepUp(context: EngineContext, caller: Caller): Promise<Outcome<HostCodeView>> {
  const subject = await stepUpSubject(context, caller);
  if (!subject.ok) return subject;
  const { credential } = caller;
  if (credential.kind !== 'token') {
    return refuse('E_STEP_UP_FAILED', 'the host vouches for bearer tokens only', {
      methods: [...subject.value.methods],
      next: 'prove who you are by what you sign in with',
    });
  }
  const code = newSecretText('csh');
  const file = context.ids.next();
  const expiresAt = context.clock.now() + codeMs;
  const path = await context.signIn.hostCodes.write(file, code);
  const detail: z.input<typeof Remembered> = { token: credential.id, file };
  const { owner, room } = tokenOwner(credential.id);
  const gone = await commit(context, 'sign-in-state', async (unit) => {
    const removed = await unit.signIns.makeRoom('host', owner, room);
    await unit.signIns.insert({ id: tokenHash(code, context.sha256), kind: 'host', owner, detail, expiresAt });
    await recordAudit(context, unit, {
      event: 'auth.step_up_begun',
      actor: actorOf(caller.principal),
      subject: { kind: 'token', id: credential.id },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { expires_at: expiresAt },
    });
    return removed;
  });
  for (const former of gone) await context.signIn.hostCodes.remove(Remembered.parse(former.detail).file);
  return accept({ file: path, expires_at: expiresAt });
}

/** Takes a code away, with its file; whether it was written for this token. */
export async function takeHostCode(context: EngineContext, code: string, tokenId: string): Promise<boolean> {
  const id = tokenHash(code, context.sha256);
  const now = context.clock.now();
  const taken = await commit(
    context,
    'sign-in-state',
    (unit) => unit.signIns.take(id, 'host', now),
    (found) => found !== null,
  );
  if (taken === null) return false;
  const remembered = Remembered.parse(taken.detail);
  await context.signIn.hostCodes.remove(remembered.file);
  return remembered.token === tokenId;
}
