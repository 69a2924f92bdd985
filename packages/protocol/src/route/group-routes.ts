import { z } from 'zod';
import { AiExecuteAnswer, AiExecuteRequest, AiJobView, GroupAnswer, GroupRequest, GroupView } from '../group/group.ts';
import {
  GroupConfirmationView,
  GroupConfirmRequest,
  GroupDecideRequest,
  GroupStartRequest,
  GroupStopRequest,
} from '../group/group-requests.ts';
import { SelectionRequest } from '../group/waves.ts';
import { Uuid } from '../scalar/scalar.ts';
import type { RouteDefinition } from './route.ts';

const ask = {
  method: 'POST',
  permission: 'actions',
  scope: 'actions:execute',
  limit: 'write',
  reach: 'project',
} as const;
const look = {
  method: 'GET',
  permission: 'viewer',
  scope: 'operations:read',
  limit: 'read',
  reach: 'project',
} as const;

const ofGroup = z.strictObject({ group_id: Uuid });
const run = { ...ask, lane: 'ui', scope: 'operations:run', params: ofGroup, answers: { 200: GroupView } } as const;
const decide = { ...run, scope: 'operations:decide' } as const;

/** Several actions at once: all of them, or none. */
export const groupRoutes = {
  groupPropose: {
    ...ask,
    path: '/v1/groups',
    lane: 'ui',
    summary:
      'Takes several actions, all or none. Each runs by itself where policy allows it at once, and waits with its plan otherwise.',
    body: GroupRequest,
    answers: { 200: GroupAnswer },
  },
  groupGet: {
    ...look,
    path: '/v1/groups/:group_id',
    lane: 'ui',
    summary: 'The operations of a group that the caller sees, and its waves; their plans count as shown to the caller.',
    params: ofGroup,
    answers: { 200: GroupView },
  },
  groupSelect: {
    ...ask,
    path: '/v1/groups/selection',
    lane: 'ui',
    scope: 'operations:propose',
    summary: 'Proposes one action for everything that labels or names select, all or none, to be run in waves.',
    body: SelectionRequest,
    answers: { 200: GroupView },
  },
  groupConfirmation: {
    ...decide,
    path: '/v1/groups/:group_id/confirmation',
    summary: 'The plans of a group for its requester to confirm in one statement, with the one-time token that does.',
    body: z.strictObject({}),
    answers: { 200: GroupConfirmationView },
  },
  groupConfirm: {
    ...decide,
    path: '/v1/groups/:group_id/confirm',
    summary: 'The requester confirms exactly these plans in one statement.',
    body: GroupConfirmRequest,
  },
  groupApprove: {
    ...decide,
    permission: 'approver',
    path: '/v1/groups/:group_id/approve',
    summary: 'A person approves exactly these plans in one statement.',
    body: GroupDecideRequest,
  },
  groupStart: {
    ...run,
    path: '/v1/groups/:group_id/start',
    summary: 'Starts the first wave of a group; each further one begins when all of the one before have succeeded.',
    body: GroupStartRequest,
  },
  groupStop: {
    ...run,
    path: '/v1/groups/:group_id/stop',
    summary: 'Lets nothing more of a group begin; what runs comes to its end.',
    body: GroupStopRequest,
  },
  aliasExecute: {
    ...ask,
    path: '/ai/execute',
    lane: 'alias',
    flag: 'source_aliases',
    summary: "The same in the source's words.",
    body: AiExecuteRequest,
    answers: { 200: AiExecuteAnswer },
  },
  aliasJob: {
    ...look,
    path: '/ai/jobs/:job_id',
    lane: 'alias',
    flag: 'source_aliases',
    summary: 'How an action stands that was taken.',
    params: z.strictObject({ job_id: Uuid }),
    answers: { 200: AiJobView },
  },
} as const satisfies Record<string, RouteDefinition>;
