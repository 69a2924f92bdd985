import { grantsOf, roleReaches, type Token, type Unit } from '@countersign/kernel';
import {
  accept,
  type Outcome,
  refuse,
  type TokenCreated,
  type TokenCreateRequest,
  type TokenView,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller, systemActor, tokenIdOf } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { tokensTopic } from '../context/wake-ups.ts';
import { newTokenText, tokenHash } from './token-text.ts';

/** A token without its text. */
export function viewToken(token: Token): TokenView {
  return {
    token_id: token.id,
    name: token.name,
    kind: token.kind,
    role: token.role,
    principal: token.principal,
    root: token.root,
    ai: token.ai,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
    revoked_at: token.revokedAt,
    last_used_at: token.lastUsedAt,
  };
}

function mayCreate(caller: Caller, request: TokenCreateRequest): Outcome<null> {
  const { principal } = caller;
  if ((request.kind === 'worker') !== (request.role === 'worker')) {
    return refuse('E_VALIDATION', 'kind worker and role worker belong together', {
      field: 'role',
      next: 'use both or neither',
    });
  }
  if (request.kind === 'agent' && (request.role === 'approver' || request.role === 'admin')) {
    return refuse('E_VALIDATION', 'an agent never gets the role approver or admin', {
      field: 'role',
      next: 'use "viewer" or "actions"',
    });
  }
  // Only a person makes persons: whoever else could would hold a second will's signature.
  if (principal.role === 'admin' && principal.kind === 'person' && !principal.ai) return accept(null);
  const own = request.owner === undefined || request.owner === principal.root;
  const asksLess = roleReaches(principal.role, request.role);
  if (request.kind === 'agent' && own && asksLess) return accept(null);
  return refuse('E_AUTH_FORBIDDEN', 'you may only make tokens for agents of your own, with at most your own role', {
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
  const allowed = mayCreate(caller, request);
  if (!allowed.ok) return allowed;
  const text = newTokenText();
  const now = context.clock.now();
  const roots = lineage(caller, request);
  const token: Token = {
    id: context.ids.next(),
    hash: tokenHash(text, context.sha256),
    name: request.name,
    kind: request.kind,
    role: request.role,
    grants: grantsOf(request.role),
    groups: [],
    scopes: null,
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
      detail: { name: token.name, kind: token.kind, role: token.role, root: token.root, ai: token.ai },
    });
    return accept(null);
  });
  if (!made.ok) return made;
  return accept({ ...viewToken(token), token: text });
}

async function revokeOne(context: EngineContext, unit: Unit, caller: Caller, token: Token): Promise<Token> {
  const revoked = { ...token, revokedAt: token.revokedAt ?? context.clock.now() };
  await unit.tokens.save(revoked);
  await recordAudit(context, unit, {
    event: 'token.revoked',
    actor: actorOf(caller.principal),
    subject: { kind: 'token', id: token.id },
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: { name: token.name },
  });
  return revoked;
}

/** The tokens that an agent's or service's token made, and those that they made in turn. What a person made for others stays. */
function descendants(tokens: readonly Token[], of: Token): Token[] {
  const made = tokens.filter((token) => token.parent === of.id && token.root === of.root && token.revokedAt === null);
  return made.flatMap((token) => [token, ...descendants(tokens, token)]);
}

/** Revokes a token at once, and with it every token of the same root that it made. */
export async function revokeToken(
  context: EngineContext,
  caller: Caller,
  tokenId: string,
): Promise<Outcome<TokenView>> {
  return await commit(context, 'revoke', async (unit): Promise<Outcome<TokenView>> => {
    const token = await unit.tokens.get(tokenId);
    if (token === null) {
      return refuse('E_NOT_FOUND', `there is no token ${tokenId}`, { next: 'see `countersign token ls`' });
    }
    for (const made of descendants(await unit.tokens.list(), token)) await revokeOne(context, unit, caller, made);
    unit.afterCommit(() => context.wake.notify(tokensTopic));
    return accept(viewToken(await revokeOne(context, unit, caller, token)));
  });
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
