import { z } from 'zod';
import { AiCommandName, AiCommandRequest, AiCommandView } from '../command/command.ts';
import {
  ApprovedView,
  DraftCreateRequest,
  DraftDecideRequest,
  DraftEditRequest,
  DraftRejectRequest,
  DraftView,
  GenerateRequest,
  RunCreateAnswer,
  RunCreateRequest,
  RunId,
  RunSummary,
} from '../draft/draft.ts';
import { OperationRef, Uuid } from '../scalar/scalar.ts';
import { TaskPlanRequest, TaskPlanView } from '../task-plan/task-plan.ts';
import type { RouteDefinition } from './route.ts';

const DraftParams = z.strictObject({ draft_id: OperationRef });
const ApprovedParams = z.strictObject({ approved_id: OperationRef });
const RunParams = z.strictObject({ run_id: RunId });
const Page = z.strictObject({
  before: Uuid.optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
});
const DraftPage = Page.extend({ status: z.enum(['pending', 'rejected']).default('pending') });

const read = { method: 'GET', lane: 'ui', permission: 'viewer', scope: 'operations:read', limit: 'read' } as const;
const write = { lane: 'ui', permission: 'actions', limit: 'write', reach: 'project' } as const;

/** Drafts, what was approved of them, their runs, and the task list, under canonical names. */
export const draftRoutes = {
  draftList: {
    ...read,
    path: '/v1/drafts',
    reach: 'project',
    summary: 'Drafts that wait, or that were rejected lately, newest first.',
    query: DraftPage,
    answers: { 200: z.strictObject({ drafts: z.array(DraftView) }) },
  },
  draftCreate: {
    ...write,
    method: 'POST',
    path: '/v1/drafts',
    scope: 'operations:propose',
    summary: 'Drafts an instruction for an agent; it is planned at once and counts as shown to the caller.',
    body: DraftCreateRequest,
    answers: { 201: DraftView },
  },
  draftGet: {
    ...read,
    path: '/v1/drafts/:draft_id',
    reach: 'project',
    summary: 'One draft; its plan counts as shown to the caller.',
    params: DraftParams,
    answers: { 200: DraftView },
  },
  draftEdit: {
    ...write,
    method: 'PUT',
    path: '/v1/drafts/:draft_id',
    scope: 'operations:propose',
    summary: 'Changes a draft: its plan and approvals are void, a new plan is made and counts as shown to the caller.',
    params: DraftParams,
    body: DraftEditRequest,
    answers: { 200: DraftView, 202: DraftView },
  },
  draftApprove: {
    ...write,
    method: 'POST',
    path: '/v1/drafts/:draft_id/approve',
    scope: 'operations:decide',
    summary:
      'Approves what was shown: by its requester a confirmation, by another an approval. 202 while it waits for more.',
    params: DraftParams,
    body: DraftDecideRequest,
    answers: { 200: ApprovedView, 202: DraftView },
  },
  draftReject: {
    ...write,
    method: 'POST',
    path: '/v1/drafts/:draft_id/reject',
    scope: 'operations:decide',
    summary: 'Rejects a draft for good.',
    params: DraftParams,
    body: DraftRejectRequest,
    answers: { 200: DraftView },
  },
  draftGenerate: {
    ...write,
    method: 'POST',
    path: '/v1/drafts/generate',
    scope: 'operations:propose',
    summary: 'Has the active provider write a draft in the background.',
    body: GenerateRequest,
    answers: { 201: DraftView },
  },
  aiCommandList: {
    ...read,
    path: '/v1/ai-commands',
    reach: 'none',
    summary: 'What a provider may be asked to draft, what it may read for that, and what it makes.',
    answers: { 200: z.strictObject({ commands: z.array(AiCommandView) }) },
  },
  aiCommandAsk: {
    ...write,
    method: 'POST',
    path: '/v1/ai-commands/:command',
    scope: 'operations:propose',
    summary: 'Has the active provider draft something from what the caller may read. Only a draft comes of it.',
    params: z.strictObject({ command: AiCommandName }),
    body: AiCommandRequest,
    answers: { 201: DraftView },
  },
  approvedList: {
    ...read,
    path: '/v1/approved',
    reach: 'project',
    summary: 'What was approved and has not run, newest first.',
    query: Page,
    answers: { 200: z.strictObject({ approved: z.array(ApprovedView) }) },
  },
  approvedGet: {
    ...read,
    path: '/v1/approved/:approved_id',
    reach: 'project',
    summary: 'What was approved, as it was approved; never a draft.',
    params: ApprovedParams,
    answers: { 200: ApprovedView },
  },
  runCreate: {
    ...write,
    method: 'POST',
    path: '/v1/runs',
    scope: 'operations:run',
    summary: 'Starts the one run of what was approved.',
    body: RunCreateRequest,
    answers: { 201: RunCreateAnswer },
  },
  runList: {
    ...read,
    path: '/v1/runs',
    reach: 'project',
    summary: 'Runs of changes, newest operation first; those past their time are found by their id alone.',
    query: Page,
    answers: { 200: z.strictObject({ runs: z.array(RunSummary) }) },
  },
  runLog: {
    ...read,
    path: '/v1/runs/:run_id/log',
    reach: 'project',
    summary: 'One run of a change with the newest lines of its log.',
    params: RunParams,
    answers: { 200: RunSummary },
  },
  taskPlanGet: {
    ...read,
    path: '/v1/task-plan',
    reach: 'installation',
    summary: 'The task list.',
    answers: { 200: TaskPlanView },
  },
  taskPlanPut: {
    ...write,
    method: 'PUT',
    path: '/v1/task-plan',
    permission: 'admin',
    scope: 'operations:propose',
    reach: 'installation',
    summary: 'Replaces the task list by its next revision.',
    body: TaskPlanRequest,
    answers: { 200: TaskPlanView },
  },
} as const satisfies Record<string, RouteDefinition>;

type Aliased<Route extends RouteDefinition, Id extends string> = Omit<
  Route,
  'lane' | 'path' | 'permission' | 'reach' | 'flag' | 'mirrors'
> & {
  readonly lane: 'alias';
  readonly path: string;
  readonly permission: 'actions' | 'admin';
  readonly reach: 'installation';
  readonly flag: 'source_aliases';
  readonly mirrors: Id;
};

/** The same route at the source's own address and by its own table of roles, which knows no projects. */
function aliased<Route extends RouteDefinition, Id extends string>(
  mirrors: Id,
  route: Route,
  path: string,
): Aliased<Route, Id> {
  const { lane: _lane, path: _path, permission: _role, reach: _reach, flag: _flag, mirrors: _id, ...rest } = route;
  const permission = route.method === 'GET' ? 'actions' : 'admin';
  return { ...rest, lane: 'alias', path, permission, reach: 'installation', flag: 'source_aliases', mirrors };
}

const listed = {
  method: 'GET',
  lane: 'alias',
  permission: 'actions',
  scope: 'operations:read',
  limit: 'read',
  reach: 'installation',
  flag: 'source_aliases',
} as const;

/** `/ops/*` of OR-1, by exact address. Lists are bare arrays there. */
export const opsAliasRoutes = {
  aliasTaskPlanGet: aliased('taskPlanGet', draftRoutes.taskPlanGet, '/ops/plan'),
  aliasTaskPlanPut: aliased('taskPlanPut', draftRoutes.taskPlanPut, '/ops/plan'),
  aliasDraftList: {
    ...listed,
    path: '/ops/drafts',
    summary: 'Drafts that wait.',
    query: DraftPage,
    answers: { 200: z.array(DraftView) },
  },
  aliasDraftCreate: aliased('draftCreate', draftRoutes.draftCreate, '/ops/drafts'),
  aliasDraftGet: aliased('draftGet', draftRoutes.draftGet, '/ops/drafts/:draft_id'),
  aliasDraftEdit: aliased('draftEdit', draftRoutes.draftEdit, '/ops/drafts/:draft_id'),
  aliasDraftApprove: aliased('draftApprove', draftRoutes.draftApprove, '/ops/drafts/:draft_id/approve'),
  aliasDraftReject: aliased('draftReject', draftRoutes.draftReject, '/ops/drafts/:draft_id/reject'),
  aliasGenerate: aliased('draftGenerate', draftRoutes.draftGenerate, '/ops/generate'),
  aliasApprovedList: {
    ...listed,
    path: '/ops/approved',
    summary: 'What was approved and has not run.',
    query: Page,
    answers: { 200: z.array(ApprovedView) },
  },
  aliasApprovedGet: aliased('approvedGet', draftRoutes.approvedGet, '/ops/approved/:approved_id'),
  aliasRunCreate: aliased('runCreate', draftRoutes.runCreate, '/ops/runs'),
  aliasRunList: {
    ...listed,
    path: '/ops/runs',
    summary: 'Runs of changes.',
    query: Page,
    answers: { 200: z.array(RunSummary) },
  },
  aliasRunGet: aliased('runLog', draftRoutes.runLog, '/ops/runs/:run_id'),
} as const satisfies Record<string, RouteDefinition>;
