import type { Person, Totp, Unit } from '@countersign/kernel';
import { accept, type LoginRequest, type Outcome, refuse } from '@countersign/protocol';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { totpStep } from '../factor/totp.ts';
import { normalPassword } from '../person/password-rules.ts';
import { type OpenedSession, openSession, type SignInProof } from '../session/open-session.ts';
import { admitOrigin, noteRefused, signInFailed } from './refuse-sign-in.ts';
import type { SignInOrigin } from './sign-in.ts';

/** What is known of a name before anything is computed. The same is read for a name that nobody has. */
interface Known {
  readonly person: Person | null;
  readonly totp: Totp | null;
  readonly passkeys: number;
  readonly knownAddress: boolean;
}

const nobodysId = '00000000-0000-0000-0000-000000000000';

async function lookUp(context: EngineContext, name: string, address: string): Promise<Known> {
  return await context.store.read(async (reads) => {
    const person = await reads.people.byName(name);
    const id = person?.id ?? nobodysId;
    const totp = await reads.factors.totp(id);
    return {
      person,
      totp: totp?.confirmedAt === null ? null : totp,
      passkeys: (await reads.factors.passkeys(id)).length,
      knownAddress: await reads.sessions.knowsAddress(id, address),
    };
  });
}

/** What the second proof comes to. */
type Second = { readonly step: number | null } | 'missing' | 'wrong';

function secondProof(context: EngineContext, totp: Totp | null, code: string | undefined): Second {
  if (totp === null) return { step: null };
  if (code === undefined) return 'missing';
  const step = totpStep(context.vault, totp, code, context.clock.now());
  return step === null ? 'wrong' : { step };
}

async function open(
  context: EngineContext,
  unit: Unit,
  verified: Person,
  rehashed: string | null,
  step: number | null,
  proof: SignInProof,
  origin: SignInOrigin,
): Promise<OpenedSession | null> {
  const person = await unit.people.lock(verified.id);
  // What was compared outside of the unit must still be what counts.
  const stands = person?.state === 'active' && person.passwordHash === verified.passwordHash;
  if (person === null || !stands) return null;
  if (step !== null && !(await unit.factors.useTotp(person.id, step, context.clock.now()))) return null;
  return await openSession(context, unit, { ...person, passwordHash: rehashed ?? person.passwordHash }, proof, origin);
}

/**
 * Signs in by name and password, and a TOTP code where the person has that. Refuses with E_RATE_LIMITED before any hash is
 * computed; with E_SIGN_IN_FAILED, alike in answer and time whether there is such a person or not; with
 * E_SECOND_FACTOR_REQUIRED once the password is right and the code is left out.
 */
export async function signInWithPassword(
  context: EngineContext,
  { name, password, totp: code }: LoginRequest,
  origin: SignInOrigin,
): Promise<Outcome<OpenedSession>> {
  const { signIn } = context;
  const { person, totp, passkeys, knownAddress } = await lookUp(context, name, origin.address);
  const attempt = { kind: 'password', address: origin.address, account: name, knownAddress } as const;
  const admitted = await admitOrigin(context, attempt, person?.name ?? null, origin);
  if (!admitted.ok) return admitted;
  const text = normalPassword(password);
  const right = await signIn.passwords.verify(person?.passwordHash ?? signIn.passwords.decoy, text);
  const refused = (reason: string) =>
    noteRefused(context, 'auth.sign_in_refused', person?.name ?? null, origin, { reason });
  if (person === null || person.passwordHash === null || person.state !== 'active' || !right) {
    await refused('password');
    return signInFailed();
  }
  const second = secondProof(context, totp, code);
  if (second === 'missing') {
    await refused('second_factor_missing');
    return refuse('E_SECOND_FACTOR_REQUIRED', 'a code of your authenticator is needed too', {
      field: '/totp',
      next: 'send the six digits as "totp", or sign in with a passkey',
    });
  }
  if (second === 'wrong') {
    await refused('second_factor');
    return signInFailed();
  }
  const rehashed = signIn.passwords.isOutdated(person.passwordHash) ? await signIn.passwords.hash(text) : null;
  const proof: SignInProof =
    second.step !== null ? { method: 'totp', fresh: true } : { method: 'password', fresh: passkeys === 0 };
  const opened = await commit(
    context,
    'sign-in',
    (unit) => open(context, unit, person, rehashed, second.step, proof, origin),
    (result) => result !== null,
  );
  if (opened !== null) return accept(opened);
  await refused('replayed_or_changed');
  return signInFailed();
}
