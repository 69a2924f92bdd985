import type { ExternalIdentity, Invite, Person, Unit } from '@countersign/kernel';
import {
  accept,
  type InviteOffer,
  type Outcome,
  type RedeemRequest,
  type Refusal,
  refuse,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { checkNewPassword, normalPassword } from '../person/password-rules.ts';
import { principalOfPerson } from '../person/person-principal.ts';
import { endSessionsOf } from '../session/end-session.ts';
import { type OpenedSession, openSession, type SignInProof } from '../session/open-session.ts';
import { admitOrigin, noteRefused } from '../sign-in/refuse-sign-in.ts';
import type { SignInOrigin } from '../sign-in/sign-in.ts';
import { tokenHash } from '../token/token-text.ts';

/** What somebody redeems an invite with: a password of their own, or what a provider says of them. */
export interface Redemption {
  readonly passwordHash: string | null;
  readonly identity: ExternalIdentity | null;
}

/** Unknown, redeemed, revoked and expired links are told apart by nobody outside. */
export function invalidInvite(): Refusal {
  return refuse('E_INVITE_INVALID', 'the link is unknown, used or over', { next: 'ask for a new one' });
}

/** The open invite behind a link's secret. `why` is for the log. */
export async function findInvite(
  context: EngineContext,
  secret: string,
): Promise<{ readonly invite: Invite } | { readonly why: string; readonly id: string | null }> {
  const hash = tokenHash(secret, context.sha256);
  const invite = await context.store.read((reads) => reads.invites.byHash(hash));
  if (invite === null) return { why: 'unknown', id: null };
  if (invite.outcome !== null) return { why: invite.outcome, id: invite.id };
  return invite.expiresAt <= context.clock.now() ? { why: 'expired', id: invite.id } : { invite };
}

/** The person that a redemption makes or changes, locked; null where the name or the identity belongs to somebody else meanwhile. */
async function personFor(
  context: EngineContext,
  unit: Unit,
  invite: Invite,
  { passwordHash, identity }: Redemption,
): Promise<Person | null> {
  if (identity !== null) {
    const holder = await unit.people.byIdentity(identity);
    if (holder !== null && holder.name !== invite.name) return null;
  }
  if (invite.kind === 'reset') {
    const standing = await unit.people.byName(invite.name);
    const person = standing && (await unit.people.lock(standing.id));
    if (person?.state !== 'active') return null;
    if (invite.clearsFactors) {
      for (const { id } of await unit.factors.passkeys(person.id)) await unit.factors.removePasskey(person.id, id);
      await unit.factors.removeTotp(person.id);
    }
    return { ...person, passwordHash: passwordHash ?? person.passwordHash, identity: identity ?? person.identity };
  }
  const person: Person = {
    id: context.ids.next(),
    name: invite.name,
    grants: invite.grants,
    groups: invite.groups,
    state: 'active',
    passwordHash,
    identity,
    invitedBy: invite.invitedBy,
    createdAt: context.clock.now(),
    signedInAt: null,
  };
  return (await unit.people.insert(person)) ? person : null;
}

/** Redeems an invite in a unit: of many at once one does, and the person signs in by it. Null when it cannot be. */
export async function redeem(
  context: EngineContext,
  unit: Unit,
  invite: Invite,
  redemption: Redemption,
  proof: SignInProof,
  origin: SignInOrigin,
): Promise<OpenedSession | null> {
  if (!(await unit.invites.close(invite.id, 'redeemed', context.clock.now()))) return null;
  const person = await personFor(context, unit, invite, redemption);
  if (person === null) return null;
  const sessions = await endSessionsOf(context, unit, person.id, null);
  await recordAudit(context, unit, {
    event: 'invite.redeemed',
    actor: actorOf(principalOfPerson(person)),
    subject: { kind: 'invite', id: invite.id },
    outcome: 'ok',
    correlationId: origin.correlationId,
    detail: {
      kind: invite.kind,
      name: person.name,
      invited_by: invite.invitedBy,
      by: redemption.identity === null ? 'password' : redemption.identity.issuer,
      clear_factors: invite.clearsFactors,
      sessions_ended: sessions,
      address: origin.address,
    },
  });
  return await openSession(context, unit, person, proof, origin);
}

async function refuseInvite(
  context: EngineContext,
  why: string,
  id: string | null,
  origin: SignInOrigin,
): Promise<Refusal> {
  await noteRefused(context, 'invite.refused', null, origin, { why, invite: id });
  return invalidInvite();
}

/** What a link offers to whoever holds it. */
export async function offerInvite(
  context: EngineContext,
  secret: string,
  origin: SignInOrigin,
): Promise<Outcome<InviteOffer>> {
  const admitted = await admitOrigin(context, { kind: 'secret', address: origin.address }, null, origin);
  if (!admitted.ok) return admitted;
  const found = await findInvite(context, secret);
  if (!('invite' in found)) return await refuseInvite(context, found.why, found.id, origin);
  const { kind, name, grants, expiresAt: expires_at } = found.invite;
  return accept({ kind, name, grants: [...grants], expires_at });
}

/**
 * Redeems a link with a password of one's own, and signs in. E_INVITE_INVALID for every link that is not open, E_VALIDATION for a
 * password that will not do: the link stays open then.
 */
export async function redeemInvite(
  context: EngineContext,
  { invite: secret, password }: RedeemRequest,
  origin: SignInOrigin,
): Promise<Outcome<OpenedSession>> {
  const admitted = await admitOrigin(context, { kind: 'secret', address: origin.address }, null, origin);
  if (!admitted.ok) return admitted;
  const found = await findInvite(context, secret);
  if (!('invite' in found)) return await refuseInvite(context, found.why, found.id, origin);
  const { invite } = found;
  const fits = checkNewPassword(password, invite.name);
  if (!fits.ok) return fits;
  const passwordHash = await context.signIn.passwords.hash(normalPassword(password));
  const opened = await redeemAlone(context, invite, { passwordHash, identity: null }, 'invite', origin);
  return opened === null ? await refuseInvite(context, 'lost_a_race_or_name_taken', invite.id, origin) : accept(opened);
}

/** A unit that redeems and nothing else; what does not succeed leaves nothing. */
export async function redeemAlone(
  context: EngineContext,
  invite: Invite,
  redemption: Redemption,
  method: 'invite' | 'oidc',
  origin: SignInOrigin,
): Promise<OpenedSession | null> {
  try {
    return await commit(context, 'redeem', async (unit) => {
      const opened = await redeem(context, unit, invite, redemption, { method, fresh: false }, origin);
      // The link was closed in this unit: what did not follow must take that back with it.
      if (opened === null) throw new NotRedeemed();
      return opened;
    });
  } catch (error) {
    if (error instanceof NotRedeemed) return null;
    throw error;
  }
}

class NotRedeemed extends Error {}
