import { z } from 'zod';
import { BreakGlassRequest, BreakGlassView, FreezeRequest, FreezeView, ReviewRequest } from '../freeze/freeze.ts';
import { ExecuteAnswer } from '../operation/operation.ts';
import { ExplainRequest, ExplainView, PolicyReloadView, PolicyView } from '../policy/policy.ts';
import { OperationRef } from '../scalar/scalar.ts';
import type { RouteDefinition } from './route.ts';

const OpParams = z.strictObject({ op_id: OperationRef });

/** Policies, frozen environments and broken glass. */
export const policyRoutes = {
  policyShow: {
    method: 'GET',
    path: '/v1/policy',
    lane: 'ui',
    permission: 'viewer',
    scope: 'policy',
    limit: 'read',
    reach: 'installation',
    summary: 'The policies that decide now, and what is wrong with newer ones.',
    answers: { 200: PolicyView },
  },
  policyExplain: {
    method: 'POST',
    path: '/v1/policy/explain',
    lane: 'ui',
    permission: 'viewer',
    scope: 'policy',
    limit: 'read',
    reach: 'project',
    summary: 'Why somebody may or may not do an action on a target. Asking about others needs the role admin there.',
    body: ExplainRequest,
    answers: { 200: ExplainView },
  },
  policyReload: {
    method: 'POST',
    path: '/v1/policy/reload',
    lane: 'ui',
    permission: 'admin',
    scope: 'admin',
    limit: 'write',
    reach: 'installation',
    summary:
      'Reads the policy files again; waiting operations are decided anew. Files that are not valid change nothing.',
    body: z.strictObject({}),
    answers: { 200: PolicyReloadView },
  },
  freezeList: {
    method: 'GET',
    path: '/v1/freezes',
    lane: 'ui',
    permission: 'viewer',
    scope: 'targets:read',
    limit: 'read',
    reach: 'project',
    summary: 'Frozen environments.',
    answers: { 200: z.strictObject({ freezes: z.array(FreezeView) }) },
  },
  freezeSet: {
    method: 'PUT',
    path: '/v1/dev/freezes',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'write',
    reach: 'project',
    summary: 'Freezes an environment, in which nothing then starts, or lifts that.',
    body: FreezeRequest,
    answers: { 200: z.strictObject({ freezes: z.array(FreezeView) }) },
  },
  opsBreakGlass: {
    method: 'POST',
    path: '/v1/ops/:op_id/break-glass',
    lane: 'ui',
    permission: 'approver',
    scope: 'operations:run',
    limit: 'write',
    reach: 'project',
    summary: "Runs a planned operation past freeze, window and others' approval; another person must review it.",
    params: OpParams,
    body: BreakGlassRequest,
    answers: { 200: ExecuteAnswer },
  },
  opsBreakGlassReview: {
    method: 'POST',
    path: '/v1/ops/:op_id/break-glass/review',
    lane: 'ui',
    permission: 'approver',
    scope: 'operations:decide',
    limit: 'write',
    reach: 'project',
    summary: 'Another person says whether breaking the glass was justified.',
    params: OpParams,
    body: ReviewRequest,
    answers: { 200: BreakGlassView },
  },
  breakGlassList: {
    method: 'GET',
    path: '/v1/break-glass',
    lane: 'ui',
    permission: 'viewer',
    scope: 'operations:read',
    limit: 'read',
    reach: 'project',
    summary: 'Operations for which the glass was broken, newest first.',
    query: z.strictObject({
      open: z.enum(['true', 'false']).default('false'),
      limit: z.coerce.number().int().min(1).max(500).default(50),
    }),
    answers: { 200: z.strictObject({ break_glass: z.array(BreakGlassView) }) },
  },
} as const satisfies Record<string, RouteDefinition>;
