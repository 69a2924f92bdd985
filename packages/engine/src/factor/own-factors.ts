import type { Person, Unit } from '@countersign/kernel';
import {
  type AccountView,
  accept,
  type Outcome,
  type PasskeyAddRequest,
  type PasskeyOptions,
  refuse,
  type TotpConfirmRequest,
  type TotpOffer,
} from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { recordPerson } from '../person/change-person.ts';
import { freshAccount, ownAccount } from '../person/own-account.ts';
import { viewAccount } from '../person/view-account.ts';
import { newChallenge, relyingParty, takeChallenge } from '../sign-in/passkey-challenge.ts';
import { creationOptions } from '../sign-in/passkey-options.ts';
import { personOwner } from '../sign-in/sign-in-owner.ts';
import { newTotp, totpStep } from './totp.ts';

const mostPasskeys = 20;

/** The caller's own account as it stands. */
export async function readAccount(context: EngineContext, caller: Caller): Promise<Outcome<AccountView>> {
  const own = await ownAccount(context, caller);
  return own.ok ? accept(await context.store.read((reads) => viewAccount(reads, own.value.person))) : own;
}

/** Runs a change to one's own proofs; a refusal leaves nothing. */
async function change(
  context: EngineContext,
  work: (unit: Unit) => Promise<Outcome<AccountView>>,
): Promise<Outcome<AccountView>> {
  return await commit(context, 'factor', work, (answer) => answer.ok);
}

/** Offers a new TOTP secret. It replaces one that was never confirmed; one that was has to be removed first. */
export async function beginTotp(context: EngineContext, caller: Caller): Promise<Outcome<TotpOffer>> {
  const own = await freshAccount(context, caller);
  if (!own.ok) return own;
  const { person } = own.value;
  const offer = newTotp('Countersign', person.name);
  const sealed = context.vault.seal(offer.secret);
  return await commit(
    context,
    'factor',
    async (unit): Promise<Outcome<TotpOffer>> => {
      await unit.people.lock(person.id);
      const standing = await unit.factors.totp(person.id);
      if (standing !== null && standing.confirmedAt !== null) {
        return refuse('E_STATE', 'an authenticator is set up already', { next: 'remove it first' });
      }
      const createdAt = context.clock.now();
      await unit.factors.putTotp({ personId: person.id, ...sealed, createdAt, confirmedAt: null, lastStep: 0 });
      return accept(offer);
    },
    (answer) => answer.ok,
  );
}

/** Confirms a new TOTP secret by its first code; from then on sign-in by password asks for one. */
export async function confirmTotp(
  context: EngineContext,
  caller: Caller,
  { code }: TotpConfirmRequest,
): Promise<Outcome<AccountView>> {
  const own = await freshAccount(context, caller);
  if (!own.ok) return own;
  const { person } = own.value;
  return await change(context, async (unit) => {
    const totp = await unit.factors.totp(person.id);
    if (totp === null || totp.confirmedAt !== null) {
      return refuse('E_STATE', 'no authenticator waits to be confirmed', { next: 'begin with POST /v1/account/totp' });
    }
    const now = context.clock.now();
    const step = totpStep(context.vault, totp, code, now);
    if (step === null || !(await unit.factors.useTotp(person.id, step, now))) {
      return refuse('E_STEP_UP_FAILED', 'that is not the code of this authenticator now', {
        field: '/code',
        next: 'look at the clock of the phone, and try the next code',
      });
    }
    await recordPerson(context, unit, caller, 'person.factor_added', person, { factor: 'totp' });
    return accept(await viewAccount(unit, person));
  });
}

async function removed(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  person: Person,
  factor: 'totp' | 'passkey',
  found: boolean,
): Promise<Outcome<AccountView>> {
  if (!found) return refuse('E_NOT_FOUND', `there is no such ${factor}`, { next: 'see GET /v1/account' });
  await recordPerson(context, unit, caller, 'person.factor_removed', person, { factor });
  return accept(await viewAccount(unit, person));
}

/** Takes the authenticator away. */
export async function removeTotp(context: EngineContext, caller: Caller): Promise<Outcome<AccountView>> {
  const own = await freshAccount(context, caller);
  if (!own.ok) return own;
  const { person } = own.value;
  return await change(context, async (unit) =>
    removed(context, unit, caller, person, 'totp', await unit.factors.removeTotp(person.id)),
  );
}

/** Options with which a browser makes a new passkey. */
export async function beginPasskey(context: EngineContext, caller: Caller): Promise<Outcome<PasskeyOptions>> {
  const party = relyingParty(context);
  if (!party.ok) return party;
  const own = await freshAccount(context, caller);
  if (!own.ok) return own;
  const { person } = own.value;
  const known = await context.store.read((reads) => reads.factors.passkeys(person.id));
  if (known.length >= mostPasskeys) {
    return refuse('E_STATE', `there are ${mostPasskeys} passkeys already`, { next: 'remove one first' });
  }
  const challenge = await newChallenge(context, { for: 'add', person: person.id }, personOwner(person.id));
  return accept(creationOptions(party.value, challenge, person, known));
}

/** Keeps the passkey that a browser made. */
export async function addPasskey(
  context: EngineContext,
  caller: Caller,
  { name, response }: PasskeyAddRequest,
): Promise<Outcome<AccountView>> {
  const party = relyingParty(context);
  if (!party.ok) return party;
  const own = await freshAccount(context, caller);
  if (!own.ok) return own;
  const { person } = own.value;
  const refused = refuse('E_STEP_UP_FAILED', 'this passkey was not taken', {
    field: '/response',
    next: 'begin again with POST /v1/account/passkeys/begin',
  });
  const taken = await takeChallenge(context, response.response.clientDataJSON);
  if (taken === null || taken.purpose.for !== 'add' || taken.purpose.person !== person.id) return refused;
  const made = await context.signIn.passkeys.created(party.value, taken.challenge, response);
  if (made === null) return refused;
  return await change(context, async (unit) => {
    const passkey = { ...made, personId: person.id, name, createdAt: context.clock.now(), lastUsedAt: null };
    if (!(await unit.factors.addPasskey(passkey))) return refused;
    await recordPerson(context, unit, caller, 'person.factor_added', person, { factor: 'passkey', name });
    return accept(await viewAccount(unit, person));
  });
}

/** Takes a passkey away. */
export async function removePasskey(
  context: EngineContext,
  caller: Caller,
  passkeyId: string,
): Promise<Outcome<AccountView>> {
  const own = await freshAccount(context, caller);
  if (!own.ok) return own;
  const { person } = own.value;
  return await change(context, async (unit) =>
    removed(context, unit, caller, person, 'passkey', await unit.factors.removePasskey(person.id, passkeyId)),
  );
}
