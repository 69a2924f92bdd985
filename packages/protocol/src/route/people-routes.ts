import { z } from 'zod';
import { InviteCreated, InviteCreateRequest, InviteView, PersonResetRequest } from '../invite/invite.ts';
import { PersonEnded, PersonGrantRequest, PersonView } from '../person/person.ts';
import { Name, Uuid } from '../scalar/scalar.ts';
import { SessionView } from '../session/session.ts';
import type { RouteDefinition } from './route.ts';

const people = { lane: 'ui', permission: 'admin', scope: 'people', limit: 'write', reach: 'installation' } as const;
const ofPerson = z.strictObject({ name: Name });

/** Looking after people and the links that let them in. */
export const peopleRoutes = {
  peopleList: {
    ...people,
    limit: 'read',
    method: 'GET',
    path: '/v1/people',
    summary: 'Everybody who may sign in.',
    answers: { 200: z.strictObject({ people: z.array(PersonView) }) },
  },
  personGrant: {
    ...people,
    method: 'PUT',
    path: '/v1/people/:name/grants',
    summary: 'Sets what a person may do, and their groups of approvers.',
    params: ofPerson,
    body: PersonGrantRequest,
    answers: { 200: PersonView },
  },
  personDisable: {
    ...people,
    method: 'POST',
    path: '/v1/people/:name/disable',
    summary: "Ends a person's access: sessions, and every token of theirs.",
    params: ofPerson,
    body: z.strictObject({}),
    answers: { 200: PersonEnded },
  },
  personEnable: {
    ...people,
    method: 'POST',
    path: '/v1/people/:name/enable',
    summary: 'Lets a person sign in again; what was ended stays ended.',
    params: ofPerson,
    body: z.strictObject({}),
    answers: { 200: PersonView },
  },
  personSignOut: {
    ...people,
    method: 'POST',
    path: '/v1/people/:name/sign-out',
    summary: 'Ends every session of a person.',
    params: ofPerson,
    body: z.strictObject({}),
    answers: { 200: PersonEnded },
  },
  personReset: {
    ...people,
    method: 'POST',
    path: '/v1/people/:name/reset',
    summary: 'Makes a one-time link by which a person sets a new password.',
    params: ofPerson,
    body: PersonResetRequest,
    answers: { 201: InviteCreated },
  },
  personSessions: {
    ...people,
    limit: 'read',
    method: 'GET',
    path: '/v1/people/:name/sessions',
    summary: 'The sessions of a person.',
    params: ofPerson,
    answers: { 200: z.strictObject({ sessions: z.array(SessionView) }) },
  },
  inviteList: {
    ...people,
    limit: 'read',
    method: 'GET',
    path: '/v1/invites',
    summary: 'One-time links, newest first, never their secret.',
    answers: { 200: z.strictObject({ invites: z.array(InviteView) }) },
  },
  inviteCreate: {
    ...people,
    method: 'POST',
    path: '/v1/invites',
    summary: 'Makes a one-time link by which a new person joins.',
    body: InviteCreateRequest,
    answers: { 201: InviteCreated },
  },
  inviteRevoke: {
    ...people,
    method: 'DELETE',
    path: '/v1/invites/:invite_id',
    summary: 'Takes an open link back.',
    params: z.strictObject({ invite_id: Uuid }),
    answers: { 200: InviteView },
  },
} as const satisfies Record<string, RouteDefinition>;
