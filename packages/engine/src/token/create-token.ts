import { covers, grantsOf, highestRole, installationRole, type Token } from '@countersign/kernel';
import {
  accept,
  type Grant,
  type Outcome,
  type Role,
  refuse,
  type Scope,
  type TokenCreated,
  type TokenCreateRequest,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller, systemActor, tokenIdOf } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { viewToken } from './list-tokens.ts';
import { newTokenText, tokenHash } from './token-text.ts';

/** What a request asks for, after its shorthand is written out. */
interface Asked {
  readonly role: Role;
  readonly grants: readonly Grant[];
  readonly groups: readonly string[];
  readonly scopes: readonly Scope[] | null;
}

/** The role everywhere, or the grants: one of them says what the token may. A token that is narrowed makes none that is wider. */
function askedFor(caller: Caller, request: TokenCreateRequest): Outcome<Asked> {
  const { kind, role: everywhere, grants: some, groups = [], scopes } = request;
  if ((everywhere === undefined) === (some === undefined)) {
    return refuse('E_VALIDATION', 'say either the role, which then holds everywhere, or the grants', {
      field: 'role',
      next: 'use one of "role" and "grants"',
    });
  }
  if ((kind === 'worker') !== (everywhere === 'worker')) {
    return refuse('E_VALIDATION', 'kind worker and role worker belong together', {
      field: 'role',
      next: 'use both or neither',
    });
  }
  if (kind === 'worker' && (scopes !== undefined || groups.length > 0)) {
    return refuse('E_VALIDATION', 'a worker reaches the worker port and nothing else: it has no scopes and no groups', {
      field: scopes === undefined ? 'groups' : 'scopes',
      next: 'leave it out',
    });
  }
  if (kind !== 'person' && groups.length > 0) {
    return refuse('E_VALIDATION', 'only people approve, so only they belong to a group', {
      field: 'groups',
      next: 'leave it out, or use kind "person"',
    });
  }
  const grants = some ?? grantsOf(everywhere ?? 'worker');
  const own = caller.principal.scopes;
  return accept({
    role: highestRole(grants) ?? 'worker',
    grants,
    groups: [...new Set(groups)].sort(),
    scopes: scopes === undefined ? own : [...new Set(scopes)].sort(),
  });
}

function mayCreate(caller: Caller, request: TokenCreateRequest, asked: Asked): Outcome<null> {
  const { principal } = caller;
  if (request.kind === 'agent' && (asked.role === 'approver' || asked.role === 'admin')) {
    return refuse('E_VALIDATION', 'an agent never gets the role approver or admin', {
      field: request.role === undefined ? 'grants' : 'role',
      next: 'use "viewer" or "actions"',
    });
  }
  const wider = asked.scopes?.find((scope) => principal.scopes !== null && !principal.scopes.includes(scope));
  if (wider !== undefined) {
    return refuse('E_AUTH_FORBIDDEN', `your token lacks the scope "${wider}", so it cannot give it`, {
      field: 'scopes',
      next: 'leave it out, or ask an administrator',
    });
  }
  // Only a person makes persons: whoever else could would hold a second will's signature.
  if (installationRole(principal) === 'admin' && principal.kind === 'person' && !principal.ai) return accept(null);
  const own = request.owner === undefined || request.owner === principal.root;
  const asksLess = asked.grants.every((grant) => covers(principal.grants, grant));
  if (request.kind === 'agent' && own && asksLess) return accept(null);
  return refuse('E_AUTH_FORBIDDEN', 'you may only make tokens for agents of your own, with at most your own grants', {
    next: 'ask an administrator',
  });
}

/** A person is their own root; everything else hangs below the owner, and what an AI makes is AI. */
function lineage(caller: Caller, request: TokenCreateRequest): { root: string; ai: boolean } {
  const ai = request.kind === 'agent' || caller.principal.ai;
  if (request.kind === 'person') return { root: request.owner ?? request.name, ai };
  if (request.kind === 'worker') return { root: `worker:${request.name}`, ai };
  return { root: request.owner ?? caller.principal.root, ai };
}

/** Names are chosen by whoever makes a token: the root keeps equal names of two owners apart, so that neither sees the other's request ids. */
function principalId({ kind, name }: TokenCreateRequest, root: string): string {
  return kind === 'worker' || (kind === 'person' && name === root) ? `${kind}:${name}` : `${kind}:${root}/${name}`;
}

/** Makes a token. Its text is answered once and never kept. */
export async function createToken(
  context: EngineContext,
  caller: Caller,
  request: TokenCreateRequest,
): Promise<Outcome<TokenCreated>> {
  const asked = askedFor(caller, request);
  if (!asked.ok) return asked;
  const allowed = mayCreate(caller, request, asked.value);
  if (!allowed.ok) return allowed;
  const text = newTokenText();
  const now = context.clock.now();
  const roots = lineage(caller, request);
  const token: Token = {
    id: context.ids.next(),
    hash: tokenHash(text, context.sha256),
    name: request.name,
    kind: request.kind,
    ...asked.value,
    principal: principalId(request, roots.root),
    ...roots,
    parent: tokenIdOf(caller),
    createdAt: now,
    expiresAt: request.expires_in_ms === undefined ? null : now + request.expires_in_ms,
    revokedAt: null,
    lastUsedAt: null,
    useCount: 0,
    steppedUpAt: null,
  };
  const made = await commit(context, 'token', async (unit): Promise<Outcome<null>> => {
    const owner = await unit.people.byName(token.root);
    if (owner?.state === 'disabled') {
      return refuse('E_STATE', `${owner.name} is disabled`, {
        next: `let them in again first: countersign people enable ${owner.name}`,
      });
    }
    await unit.tokens.insert(token);
    await recordAudit(context, unit, {
      event: 'token.created',
      actor: actorOf(caller.principal),
      subject: { kind: 'token', id: token.id },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: {
        name: token.name,
        kind: token.kind,
        role: token.role,
        grants: token.grants.map((grant) => ({ ...grant })),
        groups: [...token.groups],
        scopes: token.scopes === null ? null : [...token.scopes],
        root: token.root,
        ai: token.ai,
        expires_at: token.expiresAt,
      },
    });
    return accept(null);
  });
  if (!made.ok) return made;
  return accept({ ...viewToken(token), token: text });
}

/** Whether an installation has no token yet. */
export async function hasNoToken(context: EngineContext): Promise<boolean> {
  return (await context.store.read((reads) => reads.tokens.count())) === 0;
}

/** Whether a text is a token that was admitted, whatever became of it since. */
export async function isToken(context: EngineContext, text: string): Promise<boolean> {
  return (await context.store.read((reads) => reads.tokens.byHash(tokenHash(text, context.sha256)))) !== null;
}

/**
 * Admits the first administrator's token on an empty installation; false when another start was first. Whoever calls has
 * written the text down durably before, so that a crash in between locks nobody out.
 */
export async function admitFirstToken(context: EngineContext, text: string): Promise<boolean> {
  const hash = tokenHash(text, context.sha256);
  const now = context.clock.now();
  return await commit(context, 'first-token', async (unit) => {
    // Two first starts on one database: the key admits one of them.
    const first = { principal: 'system', route: 'first-token', key: 'first-token', operationId: context.ids.next() };
    const standing = await unit.idempotency.claim({ ...first, fingerprint: hash, createdAt: now });
    if (standing.fingerprint !== hash || (await unit.tokens.count()) > 0) {
      return (await unit.tokens.byHash(hash)) !== null;
    }
    const id = context.ids.next();
    await unit.tokens.insert({
      id,
      hash,
      name: 'admin',
      kind: 'person',
      role: 'admin',
      grants: grantsOf('admin'),
      groups: [],
      scopes: null,
      principal: 'person:admin',
      root: 'admin',
      ai: false,
      parent: null,
      createdAt: now,
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
      useCount: 0,
      steppedUpAt: null,
    });
    await recordAudit(context, unit, {
      event: 'installation.created',
      actor: systemActor,
      subject: { kind: 'installation', id: context.settings.installation },
      outcome: 'ok',
      correlationId: id,
      detail: { token_id: id, keyid: context.keys.signer.keyid },
    });
    return true;
  });
}
