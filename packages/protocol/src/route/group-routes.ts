import { z } from 'zod';
import { AiExecuteAnswer, AiExecuteRequest, AiJobView, GroupAnswer, GroupRequest, GroupView } from '../group/group.ts';
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
    summary: 'The operations of a group that the caller sees.',
    params: z.strictObject({ group_id: Uuid }),
    answers: { 200: GroupView },
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
