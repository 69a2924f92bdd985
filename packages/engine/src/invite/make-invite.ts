import type { Invite, Unit } from '@countersign/kernel';
import {
  accept,
  type Grant,
  type InviteCreated,
  type InviteCreateRequest,
  type Outcome,
  type PersonResetRequest,
  refuse,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { adminRemainsBeside, lastAdmin } from '../person/last-admin.ts';
import { newSecretText } from '../session/session-text.ts';
import { tokenHash } from '../token/token-text.ts';
import { viewInvite } from './view-invite.ts';

/** Only a person lets persons in: whoever else could would hold a second will. */
function refuseOthers({ principal }: Caller): Outcome<null> {
  if (principal.kind === 'person' && !principal.ai) return accept(null);
  return refuse('E_AUTH_FORBIDDEN', 'only a person makes links that let people in', {
    next: 'ask an administrator',
  });
}

/** Whoever makes administrators can become one: a token that is narrowed wants the scope for that, and not `people` alone. */
export function mayMakeAdmins({ principal: { scopes } }: Caller, grants: readonly Grant[]): Outcome<null> {
  if (scopes === null || scopes.includes('admin') || !grants.some(({ role }) => role === 'admin')) return accept(null);
  return refuse('E_AUTH_FORBIDDEN', 'this makes an administrator, which needs the scope "admin" as well', {
    scope: 'admin',
    next: 'use a token with the scopes "people" and "admin", or ask an administrator',
  });
}

type What = Pick<Invite, 'kind' | 'name' | 'grants' | 'groups' | 'clearsFactors'>;

async function insert(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  what: What,
  expiresInMs: number | undefined,
): Promise<InviteCreated> {
  const now = context.clock.now();
  const secret = newSecretText('csi');
  const invite: Invite = {
    ...what,
    id: context.ids.next(),
    hash: tokenHash(secret, context.sha256),
    invitedBy: caller.principal.root,
    createdAt: now,
    expiresAt: now + (expiresInMs ?? context.signIn.settings.inviteMs),
    outcome: null,
    closedAt: null,
  };
  await unit.invites.insert(invite);
  await recordAudit(context, unit, {
    event: 'invite.made',
    actor: actorOf(caller.principal),
    subject: { kind: 'invite', id: invite.id },
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: {
      kind: invite.kind,
      name: invite.name,
      grants: invite.grants.map((grant) => ({ ...grant })),
      groups: [...invite.groups],
      clear_factors: invite.clearsFactors,
      expires_at: invite.expiresAt,
    },
  });
  // After the "#" it is sent to no server and stands in no log.
  return { ...viewInvite(invite, now), link: `${context.signIn.settings.publicUrl}/sign-in#invite=${secret}` };
}

/** Makes a one-time link by which a new person joins. E_STATE when somebody has that name. */
export async function invitePerson(
  context: EngineContext,
  caller: Caller,
  { name, grants, groups, expires_in_ms: expiresInMs }: InviteCreateRequest,
): Promise<Outcome<InviteCreated>> {
  const allowed = refuseOthers(caller);
  if (!allowed.ok) return allowed;
  const admins = mayMakeAdmins(caller, grants);
  if (!admins.ok) return admins;
  return await commit(context, 'invite', async (unit): Promise<Outcome<InviteCreated>> => {
    const people = await unit.people.list();
    if (people.some((person) => person.name.toLowerCase() === name.toLowerCase())) {
      return refuse('E_STATE', `there is a person ${name} already`, {
        field: '/name',
        next: 'choose another name, or make a link for a new password with `countersign people reset`',
      });
    }
    if (!(await adminRemainsBeside(context, unit, { name, grants }))) return lastAdmin(name);
    const what: What = { kind: 'join', name, grants, groups, clearsFactors: false };
    return accept(await insert(context, unit, caller, what, expiresInMs));
  });
}

/** Makes a one-time link by which a person sets a new password. */
export async function resetPerson(
  context: EngineContext,
  caller: Caller,
  name: string,
  request: PersonResetRequest,
): Promise<Outcome<InviteCreated>> {
  const allowed = refuseOthers(caller);
  if (!allowed.ok) return allowed;
  return await commit(context, 'invite', async (unit): Promise<Outcome<InviteCreated>> => {
    const person = await unit.people.byName(name);
    if (person === null) return noPerson(name);
    // Whoever has the link becomes that person.
    const admins = mayMakeAdmins(caller, person.grants);
    if (!admins.ok) return admins;
    const what: What = { kind: 'reset', name, grants: [], groups: [], clearsFactors: request.clear_factors };
    return accept(await insert(context, unit, caller, what, request.expires_in_ms));
  });
}

/** The answer where nobody has a name. */
export function noPerson(name: string) {
  return refuse('E_NOT_FOUND', `there is no person ${name}`, { next: 'see `countersign people ls`' });
}
