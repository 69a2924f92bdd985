import { randomBytes } from 'node:crypto';
import type { Invite, Person, Unit } from '@countersign/kernel';
import {
  accept,
  type Grant,
  type JsonObject,
  Name,
  type Outcome,
  type ProviderLoginRequest,
  type Refusal,
  refuse,
} from '@countersign/protocol';
import { z } from 'zod';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { findInvite, invalidInvite, redeemAlone } from '../invite/redeem-invite.ts';
import { principalOfPerson } from '../person/person-principal.ts';
import { type OpenedSession, openSession } from '../session/open-session.ts';
import { tokenHash } from '../token/token-text.ts';
import type { ExternalProfile, IdentityProvider, ProviderChecks } from './ports.ts';
import { admitOrigin, noteRefused } from './refuse-sign-in.ts';
import type { SignInOrigin } from './sign-in.ts';
import { addressOwner } from './sign-in-owner.ts';

const stateMs = 10 * 60_000;

const Remembered = z.strictObject({
  provider: z.string(),
  /** SHA-256 of what the browser got as a cookie: only the browser that began may come back. */
  browser: z.string(),
  invite: z.string().nullable(),
  return_to: z.string(),
});

/** Where a browser is sent, and the cookie by which it is known when it comes back. */
export interface ProviderRedirect {
  readonly url: string;
  readonly browser: string;
  readonly maxAgeMs: number;
}
/** A sign-in that a provider vouched for, and where the browser wanted to go. */
export interface ProviderSignIn {
  readonly opened: OpenedSession;
  readonly returnTo: string;
}

function providerOf(context: EngineContext, name: string): Outcome<IdentityProvider> {
  const provider = context.signIn.providers.find((known) => known.name === name);
  if (provider !== undefined) return accept(provider);
  return refuse('E_NOT_FOUND', `there is no provider ${name}`, { next: 'see GET /v1/auth/choices' });
}

/** Nonce and PKCE verifier follow from the state under the installation's key: nothing that opens a sign-in stands in the store. */
function checksOf(context: EngineContext, state: string): ProviderChecks {
  const derived = (what: string): string => context.vault.fingerprint(`${what} ${state}`).replace(/^hmac:/, '');
  return { state, nonce: derived('oidc nonce'), verifier: derived('oidc pkce') };
}

function callbackUrl(context: EngineContext, provider: string): string {
  return `${context.signIn.settings.publicUrl}/v1/auth/providers/${provider}/callback`;
}

/** Sends a browser to a provider: with PKCE, state and nonce, each used once, and known again by its cookie. */
export async function beginProviderSignIn(
  context: EngineContext,
  name: string,
  { invite, return_to }: ProviderLoginRequest,
  origin: SignInOrigin,
): Promise<Outcome<ProviderRedirect>> {
  const found = providerOf(context, name);
  if (!found.ok) return found;
  const attempt = { kind: 'secret', address: origin.address } as const;
  const admitted = await admitOrigin(context, attempt, null, origin);
  if (!admitted.ok) return admitted;
  const open = invite === undefined ? null : await findInvite(context, invite);
  if (open !== null && !('invite' in open)) {
    await noteRefused(context, 'invite.refused', null, origin, { why: open.why, invite: open.id });
    return invalidInvite();
  }
  const [state, browser] = [randomBytes(32).toString('base64url'), randomBytes(32).toString('base64url')];
  const url = await found.value.begin(checksOf(context, state), callbackUrl(context, name));
  const detail: z.input<typeof Remembered> = {
    provider: name,
    browser: tokenHash(browser, context.sha256),
    invite: open?.invite.id ?? null,
    return_to,
  };
  const { owner, room } = addressOwner(origin.address);
  await commit(context, 'sign-in-state', async (unit) => {
    const expiresAt = context.clock.now() + stateMs;
    await unit.signIns.makeRoom('oidc', owner, room);
    await unit.signIns.insert({ id: tokenHash(state, context.sha256), kind: 'oidc', owner, detail, expiresAt });
  });
  return accept({ url, browser, maxAgeMs: stateMs });
}

/** What came back from a provider. */
export interface ProviderCallback {
  /** Path and query of the request as it came. */
  readonly pathAndQuery: string;
  readonly state: string | null;
  /** The cookie from the beginning. */
  readonly browser: string | null;
}

type Verified = { readonly profile: ExternalProfile; readonly inviteId: string | null; readonly returnTo: string };

async function verify(
  context: EngineContext,
  provider: IdentityProvider,
  callback: ProviderCallback,
): Promise<Verified | { readonly why: string }> {
  const { state, browser } = callback;
  if (state === null) return { why: 'no state' };
  if (browser === null) return { why: 'the browser did not begin this sign-in' };
  const id = tokenHash(state, context.sha256);
  const now = context.clock.now();
  const taken = await commit(
    context,
    'sign-in-state',
    (unit) => unit.signIns.take(id, 'oidc', now),
    (found) => found !== null,
  );
  if (taken === null) return { why: 'the state is unknown, used or over' };
  const remembered = Remembered.parse(taken.detail);
  if (remembered.provider !== provider.name) return { why: 'the state belongs to another provider' };
  if (remembered.browser !== tokenHash(browser, context.sha256)) return { why: 'another browser began this sign-in' };
  const url = `${context.signIn.settings.publicUrl}${callback.pathAndQuery}`;
  const finished = await provider.finish(checksOf(context, state), url);
  if (!finished.ok) return { why: finished.why };
  return { profile: finished.profile, inviteId: remembered.invite, returnTo: remembered.return_to };
}

/** What somebody's groups give them here; each grant and group once. */
function mapped(provider: IdentityProvider, profile: ExternalProfile): { grants: Grant[]; groups: string[] } {
  const mine = provider.mapping.filter(({ group }) => profile.groups.includes(group));
  const grants = new Map(mine.flatMap((entry) => entry.grants).map((grant) => [JSON.stringify(grant), grant]));
  return { grants: [...grants.values()], groups: [...new Set(mine.flatMap((entry) => entry.groups))] };
}

const broughtBy = (provider: IdentityProvider): string => `provider:${provider.name}`;

/** Somebody new whom the mapping lets in. Nobody becomes who is known here already: neither a person nor the owner of a token. */
async function newcomer(
  context: EngineContext,
  unit: Unit,
  provider: IdentityProvider,
  profile: ExternalProfile,
): Promise<Person | string> {
  if (provider.mapping.length === 0) return 'nobody invited them';
  const access = mapped(provider, profile);
  if (access.grants.length === 0) return 'none of their groups is mapped';
  const name = Name.safeParse(profile.name);
  if (!name.success) return 'the provider gives no name that is one here';
  const taken = (await unit.tokens.list()).some(({ root }) => root.toLowerCase() === name.data.toLowerCase());
  const person: Person = {
    id: context.ids.next(),
    name: name.data,
    ...access,
    state: 'active',
    passwordHash: null,
    identity: { issuer: profile.issuer, subject: profile.subject },
    invitedBy: broughtBy(provider),
    createdAt: context.clock.now(),
    signedInAt: null,
  };
  if (taken || !(await unit.people.insert(person))) return `the name ${name.data} belongs to somebody here`;
  await recordAudit(context, unit, {
    event: 'person.joined',
    actor: actorOf(principalOfPerson(person)),
    subject: { kind: 'person', id: person.name },
    outcome: 'ok',
    correlationId: person.id,
    detail: { provider: provider.name, issuer: profile.issuer, ...detailOf(person) },
  });
  return person;
}

/**
 * Somebody known: what the provider's groups gave them follows their groups, also where those give nothing any more: then their
 * sessions and tokens open nothing, and they are not let in.
 */
async function follow(
  context: EngineContext,
  unit: Unit,
  provider: IdentityProvider,
  profile: ExternalProfile,
  person: Person,
  origin: SignInOrigin,
): Promise<Person | string> {
  if (person.state !== 'active') return 'the person is disabled';
  if (person.invitedBy !== broughtBy(provider)) return person;
  const access = mapped(provider, profile);
  const followed = { ...person, ...access };
  if (accessOf(followed) !== accessOf(person)) {
    await unit.people.save(followed);
    await recordAudit(context, unit, {
      event: 'person.granted',
      actor: { principal: broughtBy(provider), root: broughtBy(provider), ai: false },
      subject: { kind: 'person', id: person.name },
      outcome: 'ok',
      correlationId: origin.correlationId,
      detail: { ...detailOf(followed), before: detailOf(person), provider: provider.name },
    });
  }
  return access.grants.length === 0 ? 'none of their groups is mapped any more' : followed;
}

/** What somebody may do, for the log. */
function detailOf({ grants, groups }: Pick<Person, 'grants' | 'groups'>): JsonObject {
  return { grants: grants.map((grant) => ({ ...grant })), groups: [...groups] };
}

/** The same text for the same access, in whatever order a mapping gives it. */
function accessOf({ grants, groups }: Pick<Person, 'grants' | 'groups'>): string {
  const places = grants.map(({ role, project, environment }) => [project, environment, role].join(' '));
  return JSON.stringify([places.toSorted(), [...groups].toSorted()]);
}

async function admitProfile(
  context: EngineContext,
  unit: Unit,
  provider: IdentityProvider,
  profile: ExternalProfile,
  origin: SignInOrigin,
): Promise<OpenedSession | string> {
  const { issuer, subject } = profile;
  const known = await unit.people.byIdentity({ issuer, subject });
  const locked = known && (await unit.people.lock(known.id));
  const person =
    locked === null
      ? await newcomer(context, unit, provider, profile)
      : await follow(context, unit, provider, profile, locked, origin);
  if (typeof person === 'string') return person;
  return await openSession(context, unit, person, { method: 'oidc', fresh: false }, origin);
}

async function admitOrRedeem(
  context: EngineContext,
  provider: IdentityProvider,
  { profile, inviteId }: Verified,
  origin: SignInOrigin,
): Promise<OpenedSession | string> {
  if (inviteId === null) {
    return await commit(
      context,
      'sign-in',
      (unit) => admitProfile(context, unit, provider, profile, origin),
      (result) => typeof result !== 'string',
    );
  }
  const invite: Invite | null = await context.store.read((reads) => reads.invites.get(inviteId));
  if (invite === null || invite.expiresAt <= context.clock.now()) return 'the invite is over';
  const identity = { issuer: profile.issuer, subject: profile.subject };
  const opened = await redeemAlone(context, invite, { passwordHash: null, identity }, 'oidc', origin);
  return opened ?? 'the invite was used, or the name or the identity belongs to somebody';
}

/** Finishes a sign-in at a provider. What does not hold is told to the log in full and to the browser in one sentence. */
export async function finishProviderSignIn(
  context: EngineContext,
  name: string,
  callback: ProviderCallback,
  origin: SignInOrigin,
): Promise<Outcome<ProviderSignIn>> {
  const found = providerOf(context, name);
  if (!found.ok) return found;
  const refused = async (why: string): Promise<Refusal> => {
    await noteRefused(context, 'auth.provider_refused', null, origin, { provider: name, why });
    return refuse('E_SIGN_IN_FAILED', `the sign-in at ${found.value.label} was not taken`, {
      next: 'try again; an administrator finds the reason in the audit log',
    });
  };
  const verified = await verify(context, found.value, callback);
  if ('why' in verified) return await refused(verified.why);
  const opened = await admitOrRedeem(context, found.value, verified, origin);
  return typeof opened === 'string' ? await refused(opened) : accept({ opened, returnTo: verified.returnTo });
}
