import { z } from 'zod';
import {
  DispatchClaimAnswer,
  DispatchClaimRequest,
  DispatchFinishAnswer,
  DispatchFinishRequest,
  DispatchHeartbeatRequest,
  DispatchReportAnswer,
  DispatchReportRequest,
} from '../dispatch/dispatch.ts';
import { RunId } from '../draft/draft.ts';
import type { RouteDefinition } from './route.ts';

const params = z.strictObject({ run_id: RunId });
const route = {
  method: 'POST',
  lane: 'ui',
  permission: 'actions',
  scope: 'dispatches:work',
  limit: 'worker',
  reach: 'project',
} as const;

/** What agents outside are told to do, and what they say of it. Only what was approved and started is ever handed over. */
export const dispatchRoutes = {
  dispatchClaim: {
    ...route,
    path: '/v1/dispatches/claim',
    summary: 'An agent asks for one instruction; of agents that ask at once one gets it.',
    body: DispatchClaimRequest,
    answers: { 200: DispatchClaimAnswer },
  },
  dispatchHeartbeat: {
    ...route,
    path: '/v1/dispatches/:run_id/heartbeat',
    summary: 'The agent is still at it; the answer says whether to stop.',
    params,
    body: DispatchHeartbeatRequest,
    answers: { 200: DispatchReportAnswer },
  },
  dispatchReport: {
    ...route,
    path: '/v1/dispatches/:run_id/report',
    summary: 'What the agent says while it works, into the stream of the run.',
    params,
    body: DispatchReportRequest,
    answers: { 200: DispatchReportAnswer },
  },
  dispatchFinish: {
    ...route,
    path: '/v1/dispatches/:run_id/finish',
    summary: 'How it ended.',
    params,
    body: DispatchFinishRequest,
    answers: { 200: DispatchFinishAnswer },
  },
} as const satisfies Record<string, RouteDefinition>;
