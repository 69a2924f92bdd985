import { accept, type Outcome, type PasskeyAnswer, type PasskeyOptions, refuse } from '@countersign/protocol';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { type OpenedSession, openSession } from '../session/open-session.ts';
import { type ChallengePurpose, newChallenge, relyingParty, takeChallenge } from './passkey-challenge.ts';
import { requestOptions, userHandleOf } from './passkey-options.ts';
import { admitOrigin, noteRefused } from './refuse-sign-in.ts';
import type { SignInOrigin } from './sign-in.ts';
import { addressOwner } from './sign-in-owner.ts';

/** A passkey that was shown to be its owner's. */
export interface ProvenPasskey {
  readonly id: string;
  readonly personId: string;
  readonly counter: number;
}

/** Checks the answer to a challenge of this purpose; `null` for what does not hold. The challenge is gone afterwards. */
export async function provePasskey(
  context: EngineContext,
  answer: PasskeyAnswer,
  fits: (purpose: ChallengePurpose) => boolean,
): Promise<ProvenPasskey | null> {
  const party = context.signIn.settings.relyingParty;
  const taken = await takeChallenge(context, answer.response.clientDataJSON);
  if (party === null || taken === null || !fits(taken.purpose)) return null;
  const passkey = await context.store.read((reads) => reads.factors.passkey(answer.id));
  if (passkey === null) return null;
  const { userHandle } = answer.response;
  if (userHandle !== undefined && userHandle !== '' && userHandle !== userHandleOf(passkey.personId)) return null;
  const proven = await context.signIn.passkeys.asserted(party, taken.challenge, answer, passkey);
  return proven === null ? null : { id: passkey.id, personId: passkey.personId, counter: proven.counter };
}

/** The browser's half of a sign-in with a passkey: options with a challenge. */
export async function beginPasskeySignIn(
  context: EngineContext,
  origin: SignInOrigin,
): Promise<Outcome<PasskeyOptions>> {
  const party = relyingParty(context);
  if (!party.ok) return party;
  const admitted = await admitOrigin(context, { kind: 'secret', address: origin.address }, null, origin);
  if (!admitted.ok) return admitted;
  const challenge = await newChallenge(context, { for: 'sign_in' }, addressOwner(origin.address));
  return accept(requestOptions(party.value, challenge, []));
}

/** Signs in with what the browser answered. Refuses everything that does not hold with E_SIGN_IN_FAILED. */
export async function signInWithPasskey(
  context: EngineContext,
  answer: PasskeyAnswer,
  origin: SignInOrigin,
): Promise<Outcome<OpenedSession>> {
  const admitted = await admitOrigin(context, { kind: 'secret', address: origin.address }, null, origin);
  if (!admitted.ok) return admitted;
  const proven = await provePasskey(context, answer, (purpose) => purpose.for === 'sign_in');
  const opened =
    proven === null
      ? null
      : await commit(
          context,
          'sign-in',
          async (unit) => {
            const person = await unit.people.lock(proven.personId);
            if (person?.state !== 'active') return null;
            if (!(await unit.factors.usePasskey(proven.id, proven.counter, context.clock.now()))) return null;
            return await openSession(context, unit, person, { method: 'passkey', fresh: true }, origin);
          },
          (result) => result !== null,
        );
  if (opened !== null) return accept(opened);
  await noteRefused(context, 'auth.sign_in_refused', null, origin, { reason: 'passkey' });
  return refuse('E_SIGN_IN_FAILED', 'this passkey was not taken', {
    next: 'try again, or sign in with your password',
  });
}
