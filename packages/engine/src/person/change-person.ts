import type { Person, Unit } from '@countersign/kernel';
import {
  type AuditEventName,
  accept,
  type JsonObject,
  type Outcome,
  type PersonEnded,
  type PersonGrantRequest,
  type PersonView,
  refuse,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { credentialsTopic } from '../context/wake-ups.ts';
import { mayMakeAdmins, noPerson } from '../invite/make-invite.ts';
import { endSessionsOf } from '../session/end-session.ts';
import { revokeTokensOf } from '../token/revoke-tokens-of.ts';
import { endWordOf } from './end-word.ts';
import { isAdmin, lastAdmin, someAdminRemains } from './last-admin.ts';
import { viewPerson } from './view-person.ts';

/** Everybody who may sign in, by name. */
export async function listPeople(context: EngineContext): Promise<PersonView[]> {
  return await context.store.read(async (reads) => {
    const views: PersonView[] = [];
    for (const person of await reads.people.list()) views.push(await viewPerson(reads, person));
    return views;
  });
}

/** Runs a change on one person, locked; E_NOT_FOUND where nobody has that name. */
async function onPerson<T>(
  context: EngineContext,
  name: string,
  change: (unit: Unit, person: Person) => Promise<Outcome<T>>,
): Promise<Outcome<T>> {
  return await commit(
    context,
    'person',
    async (unit) => {
      const found = await unit.people.byName(name);
      const person = found && (await unit.people.lock(found.id));
      return person === null ? noPerson(name) : await change(unit, person);
    },
    (answer) => answer.ok,
  );
}

/** An entry about a person, by whoever changed it. */
export async function recordPerson(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  event: AuditEventName,
  person: Person,
  detail: JsonObject = {},
): Promise<void> {
  await recordAudit(context, unit, {
    event,
    actor: actorOf(caller.principal),
    subject: { kind: 'person', id: person.name },
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail,
  });
}

/** Sets what a person may do and which groups of approvers they belong to. */
export async function grantPerson(
  context: EngineContext,
  caller: Caller,
  name: string,
  { grants, groups }: PersonGrantRequest,
): Promise<Outcome<PersonView>> {
  return await onPerson(context, name, async (unit, person): Promise<Outcome<PersonView>> => {
    const admins = mayMakeAdmins(caller, grants);
    if (!admins.ok) return admins;
    if (person.invitedBy.startsWith('provider:')) {
      return refuse('E_STATE', `what ${name} may do follows from their groups at ${person.invitedBy.slice(9)}`, {
        next: 'change the groups there, or the mapping in countersign.yaml under sign_in.oidc',
      });
    }
    const changed = { ...person, grants, groups };
    const remains = isAdmin(changed) || (await someAdminRemains(context, unit, person));
    if (!remains) return lastAdmin(name);
    await unit.people.save(changed);
    unit.afterCommit(() => context.wake.notify(credentialsTopic));
    await recordPerson(context, unit, caller, 'person.granted', person, {
      grants: grants.map((grant) => ({ ...grant })),
      groups: [...groups],
      before: { grants: person.grants.map((grant) => ({ ...grant })), groups: [...person.groups] },
    });
    return accept(await viewPerson(unit, changed));
  });
}

/**
 * Ends a person's access at once: sessions, and every token of theirs, also those of their agents. Their decisions on what has
 * not run count no more, and nothing of theirs starts by itself.
 */
export async function disablePerson(
  context: EngineContext,
  caller: Caller,
  name: string,
): Promise<Outcome<PersonEnded>> {
  return await onPerson(context, name, async (unit, person): Promise<Outcome<PersonEnded>> => {
    if (!(await someAdminRemains(context, unit, person))) return lastAdmin(name);
    const disabled: Person = { ...person, state: 'disabled' };
    await unit.people.save(disabled);
    const sessions = await endSessionsOf(context, unit, person.id, null);
    const tokens = await revokeTokensOf(context, unit, caller, person.name);
    const { approvals, held } = await endWordOf(context, unit, caller, person.name);
    await recordPerson(context, unit, caller, 'person.disabled', person, { sessions, tokens, approvals, held });
    return accept({ person: await viewPerson(unit, disabled), sessions, tokens });
  });
}

/** Lets a person sign in again. What was ended stays ended. */
export async function enablePerson(context: EngineContext, caller: Caller, name: string): Promise<Outcome<PersonView>> {
  return await onPerson(context, name, async (unit, person): Promise<Outcome<PersonView>> => {
    const enabled: Person = { ...person, state: 'active' };
    await unit.people.save(enabled);
    await recordPerson(context, unit, caller, 'person.enabled', person);
    return accept(await viewPerson(unit, enabled));
  });
}

/** Ends every session of a person; tokens go on. */
export async function signOutPerson(
  context: EngineContext,
  caller: Caller,
  name: string,
): Promise<Outcome<PersonEnded>> {
  return await onPerson(context, name, async (unit, person): Promise<Outcome<PersonEnded>> => {
    const sessions = await endSessionsOf(context, unit, person.id, null);
    await recordPerson(context, unit, caller, 'person.signed_out', person, { sessions });
    return accept({ person: await viewPerson(unit, person), sessions, tokens: 0 });
  });
}
