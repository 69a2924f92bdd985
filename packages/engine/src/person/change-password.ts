import { type AccountView, accept, type Outcome, type PasswordChangeRequest, refuse } from '@countersign/protocol';
import { recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { endSessionsOf } from '../session/end-session.ts';
import { admitOrigin } from '../sign-in/refuse-sign-in.ts';
import type { SignInOrigin } from '../sign-in/sign-in.ts';
import { recordPerson } from './change-person.ts';
import { freshAccount, type OwnAccount, ownAccount } from './own-account.ts';
import { checkNewPassword, normalPassword } from './password-rules.ts';
import { viewAccount } from './view-account.ts';

/** Whether the current password holds; nothing is asked of somebody who has none. */
async function currentHolds(
  context: EngineContext,
  { person }: OwnAccount,
  current: string | undefined,
  origin: SignInOrigin,
): Promise<Outcome<null>> {
  if (person.passwordHash === null) return accept(null);
  const wrong = refuse('E_SIGN_IN_FAILED', 'the current password is wrong', {
    field: '/current',
    next: 'try again, or ask an administrator for a link to set a new one',
  });
  if (current === undefined) return wrong;
  const attempt = { kind: 'proof', principal: person.name } as const;
  const admitted = await admitOrigin(context, attempt, person.name, origin);
  if (!admitted.ok) return admitted;
  return (await context.signIn.passwords.verify(person.passwordHash, normalPassword(current))) ? accept(null) : wrong;
}

/** Whoever has a session and not the password may be somebody who found a browser open. */
async function noteWrong(
  context: EngineContext,
  caller: Caller,
  { person }: OwnAccount,
  { address }: SignInOrigin,
): Promise<void> {
  await recordAlone(context, {
    event: 'person.password_refused',
    actor: actorOf(caller.principal),
    subject: { kind: 'person', id: person.name },
    outcome: 'refused',
    correlationId: caller.correlationId,
    detail: { address },
  });
}

/** Sets one's own password and ends every other session. Somebody with a passkey or an authenticator, or without a password so far, proves afresh who they are. */
export async function changePassword(
  context: EngineContext,
  caller: Caller,
  { current, next }: PasswordChangeRequest,
  origin: SignInOrigin,
): Promise<Outcome<AccountView>> {
  const own = await ownAccount(context, caller);
  if (!own.ok) return own;
  const { person, session } = own.value;
  const proofs = await context.store.read(async (reads) => ({
    totp: (await reads.factors.totp(person.id))?.confirmedAt ?? null,
    passkeys: (await reads.factors.passkeys(person.id)).length,
  }));
  if (person.passwordHash === null || proofs.totp !== null || proofs.passkeys > 0) {
    const fresh = await freshAccount(context, caller);
    if (!fresh.ok) return fresh;
  }
  const holds = await currentHolds(context, own.value, current, origin);
  if (!holds.ok) {
    if (holds.code === 'E_SIGN_IN_FAILED') await noteWrong(context, caller, own.value, origin);
    return holds;
  }
  const fits = checkNewPassword(next, person.name);
  if (!fits.ok) return fits;
  const passwordHash = await context.signIn.passwords.hash(normalPassword(next));
  return await commit(
    context,
    'person',
    async (unit): Promise<Outcome<AccountView>> => {
      const locked = await unit.people.lock(person.id);
      if (locked === null || locked.passwordHash !== person.passwordHash) {
        return refuse('E_STATE', 'the password was changed by somebody else meanwhile', { next: 'sign in again' });
      }
      const changed = { ...locked, passwordHash };
      await unit.people.save(changed);
      const sessions = await endSessionsOf(context, unit, person.id, session.id);
      await recordPerson(context, unit, caller, 'person.password_set', person, { sessions_ended: sessions });
      return accept(await viewAccount(unit, changed));
    },
    (answer) => answer.ok,
  );
}
