import { z } from 'zod';
import {
  ClaimAnswer,
  ClaimRequest,
  CompleteRequest,
  Fence,
  HeartbeatAnswer,
  IntentAnswer,
  IntentRequest,
  OutcomeRequest,
  OutputRequest,
  RegisterAnswer,
  RegisterRequest,
} from '../worker/worker-port.ts';
import type { RouteDefinition } from './route.ts';

const Empty = z.strictObject({});

/** The worker port. */
export const workerRoutes = {
  workerRegister: {
    method: 'POST',
    path: '/v1/worker/register',
    lane: 'worker',
    permission: 'worker',
    summary: 'A worker announces itself, its targets and manifests.',
    body: RegisterRequest,
    answers: { 200: RegisterAnswer },
  },
  workerClaim: {
    method: 'POST',
    path: '/v1/worker/claim',
    lane: 'worker',
    permission: 'worker',
    summary: 'Long poll for one job.',
    body: ClaimRequest,
    answers: { 200: ClaimAnswer },
  },
  workerHeartbeat: {
    method: 'POST',
    path: '/v1/worker/heartbeat',
    lane: 'worker',
    permission: 'worker',
    summary: 'Extends a lease; says whether to stop.',
    body: z.strictObject({ fence: Fence }),
    answers: { 200: HeartbeatAnswer },
  },
  workerOutput: {
    method: 'POST',
    path: '/v1/worker/output',
    lane: 'worker',
    permission: 'worker',
    summary: 'Appends to the run stream.',
    body: z.strictObject({ fence: Fence, request: OutputRequest }),
    answers: { 200: Empty },
  },
  workerIntent: {
    method: 'POST',
    path: '/v1/worker/intent',
    lane: 'worker',
    permission: 'worker',
    summary: 'Records the intent before an effect.',
    body: z.strictObject({ fence: Fence, request: IntentRequest }),
    answers: { 200: IntentAnswer },
  },
  workerOutcome: {
    method: 'POST',
    path: '/v1/worker/outcome',
    lane: 'worker',
    permission: 'worker',
    summary: 'Records the outcome of a step.',
    body: z.strictObject({ fence: Fence, request: OutcomeRequest }),
    answers: { 200: Empty },
  },
  workerComplete: {
    method: 'POST',
    path: '/v1/worker/complete',
    lane: 'worker',
    permission: 'worker',
    summary: 'Ends a job.',
    body: z.strictObject({ fence: Fence, request: CompleteRequest }),
    answers: { 200: Empty },
  },
} as const satisfies Record<string, RouteDefinition>;
