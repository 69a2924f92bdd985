import { z } from 'zod';
import { ActionManifest } from '../action/action.ts';
import { ActionAnswer, ActionExecuteRequest } from '../operation/operation.ts';
import { RunView } from '../run/run.ts';
import { RequestId, Uuid } from '../scalar/scalar.ts';
import { TargetView } from '../target/target.ts';
import { ValidateRequest, ValidationScope, ValidationView } from '../validation/validation.ts';
import type { RouteDefinition } from './route.ts';

/** Targets, typed actions, validation, runs and their files. */
export const actionRoutes = {
  targets: {
    method: 'GET',
    path: '/v1/targets',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Targets, who serves and who holds them.',
    answers: { 200: z.strictObject({ targets: z.array(TargetView) }) },
  },
  actions: {
    method: 'GET',
    path: '/v1/actions',
    lane: 'ui',
    permission: 'viewer',
    summary: 'The action catalogue.',
    answers: { 200: z.strictObject({ actions: z.array(ActionManifest) }) },
  },
  actionExecute: {
    method: 'POST',
    path: '/v1/actions/execute',
    lane: 'ui',
    permission: 'actions',
    summary: 'Runs a read, or plans a change and runs it once policy allows.',
    body: ActionExecuteRequest,
    answers: { 200: ActionAnswer, 202: ActionAnswer },
  },
  actionStatus: {
    method: 'GET',
    path: '/v1/actions/:request_id',
    lane: 'ui',
    permission: 'viewer',
    summary: 'Status and result of a typed action by its request id.',
    params: z.strictObject({ request_id: RequestId }),
    answers: { 200: ActionAnswer },
  },
  validateRun: {
    method: 'POST',
    path: '/v1/validate/run',
    lane: 'ui',
    permission: 'actions',
    summary: 'Runs the checks of a scope now; changes no target.',
    body: ValidateRequest,
    answers: { 200: ValidationView },
  },
  validateStatus: {
    method: 'GET',
    path: '/v1/validate/status',
    lane: 'ui',
    permission: 'viewer',
    summary: 'The newest result of a scope.',
    query: z.strictObject({ scope: ValidationScope }),
    answers: { 200: ValidationView },
  },
  runGet: {
    method: 'GET',
    path: '/v1/runs/:run_id',
    lane: 'ui',
    permission: 'viewer',
    summary: 'One run.',
    params: z.strictObject({ run_id: z.string().max(40) }),
    answers: { 200: RunView },
  },
  artifact: {
    method: 'GET',
    path: '/v1/artifacts/:artifact_id',
    lane: 'ui',
    permission: 'viewer',
    summary: 'The raw output kept by a run.',
    params: z.strictObject({ artifact_id: Uuid }),
    answers: { 200: 'bytes' },
  },
} as const satisfies Record<string, RouteDefinition>;
