import {
  disablePerson,
  type EngineContext,
  enablePerson,
  grantPerson,
  invitePerson,
  listInvites,
  listPeople,
  listSessions,
  resetPerson,
  revokeInvite,
  signOutPerson,
} from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

type Ids =
  | 'peopleList'
  | 'personGrant'
  | 'personDisable'
  | 'personEnable'
  | 'personSignOut'
  | 'personReset'
  | 'personSessions'
  | 'inviteList'
  | 'inviteCreate'
  | 'inviteRevoke';

/** Handlers of looking after people and their links. */
export function peopleRoutes(context: EngineContext): Pick<Handlers, Ids> {
  return {
    peopleList: async () => ok({ people: await listPeople(context) }),
    personGrant: async ({ caller, params, body }) => ok(unwrap(await grantPerson(context, caller, params.name, body))),
    personDisable: async ({ caller, params }) => ok(unwrap(await disablePerson(context, caller, params.name))),
    personEnable: async ({ caller, params }) => ok(unwrap(await enablePerson(context, caller, params.name))),
    personSignOut: async ({ caller, params }) => ok(unwrap(await signOutPerson(context, caller, params.name))),
    personReset: async ({ caller, params, body }) => ({
      status: 201,
      body: unwrap(await resetPerson(context, caller, params.name, body)),
    }),
    personSessions: async ({ caller, params }) =>
      ok({ sessions: unwrap(await listSessions(context, caller, params.name)) }),
    inviteList: async () => ok({ invites: await listInvites(context) }),
    inviteCreate: async ({ caller, body }) => ({
      status: 201,
      body: unwrap(await invitePerson(context, caller, body)),
    }),
    inviteRevoke: async ({ caller, params }) => ok(unwrap(await revokeInvite(context, caller, params.invite_id))),
  };
}
