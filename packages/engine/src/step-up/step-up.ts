import type { Person, Unit } from '@countersign/kernel';
import {
  accept,
  type Outcome,
  type PasskeyOptions,
  type Refusal,
  refuse,
  type StepUpRequest,
  type StepUpView,
} from '@countersign/protocol';
import { recordAlone, recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller, stepUpFreshMs } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { totpStep } from '../factor/totp.ts';
import { normalPassword } from '../person/password-rules.ts';
import { type OpenedSession, openedSession } from '../session/open-session.ts';
import { newSecretText } from '../session/session-text.ts';
import { newChallenge, relyingParty } from '../sign-in/passkey-challenge.ts';
import { requestOptions } from '../sign-in/passkey-options.ts';
import { admitOrigin } from '../sign-in/refuse-sign-in.ts';
import type { SignInOrigin } from '../sign-in/sign-in.ts';
import { personOwner } from '../sign-in/sign-in-owner.ts';
import { provePasskey } from '../sign-in/sign-in-with-passkey.ts';
import { tokenHash } from '../token/token-text.ts';
import { takeHostCode } from './host-code.ts';
import { notAMethod, stepUpSubject } from './step-up-subject.ts';

/** How the caller may step up, and whether they have. */
export async function viewStepUp(context: EngineContext, caller: Caller): Promise<Outcome<StepUpView>> {
  const subject = await stepUpSubject(context, caller);
  if (!subject.ok) return subject;
  const { steppedUpAt } = caller;
  const fresh = steppedUpAt !== null && context.clock.now() - steppedUpAt <= stepUpFreshMs;
  return accept({
    methods: [...subject.value.methods],
    stepped_up_at: steppedUpAt,
    fresh_until: fresh ? steppedUpAt + stepUpFreshMs : null,
  });
}

/** A challenge for a step-up with one of the person's own passkeys. */
export async function beginPasskeyStepUp(context: EngineContext, caller: Caller): Promise<Outcome<PasskeyOptions>> {
  const party = relyingParty(context);
  if (!party.ok) return party;
  const subject = await stepUpSubject(context, caller);
  if (!subject.ok) return subject;
  const { person, passkeys } = subject.value;
  if (person === null || passkeys.length === 0) return notAMethod('passkey', subject.value.methods);
  const challenge = await newChallenge(context, { for: 'step_up', person: person.id }, personOwner(person.id));
  return accept(requestOptions(party.value, challenge, passkeys));
}

/** What has to hold inside the unit that notes a proof: it uses up what may be used once. */
type UseProof = (unit: Unit) => Promise<boolean>;

/** Checks a proof; null when it does not hold. */
async function prove(
  context: EngineContext,
  caller: Caller,
  person: Person | null,
  request: StepUpRequest,
): Promise<UseProof | null> {
  const now = context.clock.now();
  if (request.method === 'host') {
    const { credential } = caller;
    const taken = credential.kind === 'token' && (await takeHostCode(context, request.code, credential.id));
    return taken ? async () => true : null;
  }
  if (person === null) return null;
  if (request.method === 'passkey') {
    const proven = await provePasskey(
      context,
      request.response,
      (purpose) => purpose.for === 'step_up' && purpose.person === person.id,
    );
    if (proven === null || proven.personId !== person.id) return null;
    return (unit) => unit.factors.usePasskey(proven.id, proven.counter, now);
  }
  if (request.method === 'totp') {
    const totp = await context.store.read((reads) => reads.factors.totp(person.id));
    const step = totp === null || totp.confirmedAt === null ? null : totpStep(context.vault, totp, request.code, now);
    return step === null ? null : (unit) => unit.factors.useTotp(person.id, step, now);
  }
  const hash = person.passwordHash;
  if (hash === null || !(await context.signIn.passwords.verify(hash, normalPassword(request.password)))) return null;
  return async (unit) => (await unit.people.lock(person.id))?.passwordHash === hash;
}

/** A step-up that was noted: a session gets a new secret with it, a token stays as it is. */
export interface SteppedUp {
  readonly view: StepUpView;
  readonly renewed: OpenedSession | null;
}

async function note(
  context: EngineContext,
  unit: Unit,
  { credential }: Caller,
  now: number,
): Promise<{ renewed: OpenedSession | null } | null> {
  if (credential.kind === 'token') return (await unit.tokens.stepUp(credential.id, now)) ? { renewed: null } : null;
  if (credential.kind === 'internal') return null;
  const session = await unit.sessions.get(credential.id);
  const person = session && (await unit.people.get(session.personId));
  if (session === null || person === null) return null;
  const secret = newSecretText('css');
  const hash = tokenHash(secret, context.sha256);
  if (!(await unit.sessions.rotate(session.id, session.hash, hash, now))) return null;
  return { renewed: openedSession({ ...session, hash, steppedUpAt: now }, person, secret) };
}

/**
 * Takes a fresh proof of who the caller is and keeps it with their session, which gets a new secret, or with their token, for five
 * minutes. E_STEP_UP_FAILED for a proof that does not hold or is none of theirs; E_RATE_LIMITED before it is looked at.
 */
export async function stepUp(
  context: EngineContext,
  caller: Caller,
  request: StepUpRequest,
  origin: SignInOrigin,
): Promise<Outcome<SteppedUp>> {
  const subject = await stepUpSubject(context, caller);
  if (!subject.ok) return subject;
  const { person, methods } = subject.value;
  const { principal } = caller;
  const attempt = { kind: 'proof', principal: principal.root } as const;
  const admitted = await admitOrigin(context, attempt, principal.root, origin);
  if (!admitted.ok) return admitted;
  const refused = async (answer: Refusal): Promise<Refusal> => {
    await recordAlone(context, {
      event: 'auth.step_up_refused',
      actor: actorOf(principal),
      subject: { kind: 'person', id: principal.root },
      outcome: 'refused',
      correlationId: caller.correlationId,
      detail: { method: request.method, address: origin.address },
    });
    return answer;
  };
  if (!methods.includes(request.method)) return await refused(notAMethod(request.method, methods));
  const use = await prove(context, caller, person, request);
  const now = context.clock.now();
  const noted =
    use === null
      ? null
      : await commit(
          context,
          'step-up',
          async (unit) => {
            if (!(await use(unit))) return null;
            const kept = await note(context, unit, caller, now);
            if (kept === null) return null;
            await recordAudit(context, unit, {
              event: 'auth.stepped_up',
              actor: actorOf(principal),
              subject: { kind: 'person', id: principal.root },
              outcome: 'ok',
              correlationId: caller.correlationId,
              detail: { method: request.method, by: caller.credential.kind, address: origin.address },
            });
            return kept;
          },
          (result) => result !== null,
        );
  if (noted === null) {
    const next = 'try again with a new code, or another way';
    return await refused(
      refuse('E_STEP_UP_FAILED', 'this does not prove who you are', { methods: [...methods], next }),
    );
  }
  const view = { methods: [...methods], stepped_up_at: now, fresh_until: now + stepUpFreshMs };
  return accept({ view, renewed: noted.renewed });
}
