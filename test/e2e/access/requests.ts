import { randomUUID } from 'node:crypto';
import { approvedIdOf, type RouteDefinition, type RouteId } from '@countersign/protocol';
import { zeroDigest } from '../harness/bad-requests.ts';
import { writeFiles } from '../harness/flow.ts';
import type { Subjects } from './subjects.ts';

/** A request that says nothing of who makes it. */
export interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly headers: Readonly<Record<string, string>>;
}

/** What of a request depends on the route. */
interface Recipe {
  readonly body?: unknown;
  readonly query?: string;
}

const uuid = '01890000-0000-7000-8000-00000000000f';
const fence = { job_id: uuid, fence: 1, instance: uuid };
/** A body that no schema takes: what is refused then is the request, by whoever was let in. */
const unfit = { nothing: 'that fits' };

/**
 * What is sent to each route so that whoever is let in gets an answer of its handler, and nothing is moved by it: changes are
 * asked of what has ended, under a digest that no plan has, or in a form that is not taken.
 */
function recipe(id: string, { opId }: Subjects, target: string): Recipe {
  const { steps } = writeFiles('dev', { 'matrix.txt': 'two\n' });
  const recipes: Partial<Record<RouteId, Recipe>> = {
    pageReport: { body: { 'csp-report': {} } },
    actionExecute: { body: { action: 'repo.status', target, inputs: {}, request_id: randomUUID() } },
    validateRun: { body: { scope: 'workspace', target } },
    validateStatus: { query: '?scope=workspace' },
    opsPlan: { body: { steps, target } },
    opsExecute: { body: { op_id: opId, digest: zeroDigest } },
    opsEdit: { body: { steps } },
    opsReplan: { body: {} },
    opsConfirmation: { body: {} },
    opsConfirm: { body: { digest: zeroDigest, confirmation: 'A'.repeat(43) } },
    opsApprove: { body: { digest: zeroDigest } },
    opsReject: { body: { digest: zeroDigest, reason: 'no' } },
    opsCancel: { body: {} },
    opsResolve: { body: { outcome: 'applied', reason: 'seen' } },
    opsRollback: { body: {} },
    opsEvents: { query: '?follow=false' },
    evidenceReplay: { body: {} },
    proofConsistency: { query: '?from=1&to=2' },
    proofInclusion: { query: '?leaf=0&size=1' },
    keyRotate: { body: unfit },
    tokenCreate: { body: { name: `made-${randomUUID().slice(0, 8)}`, kind: 'agent', role: 'viewer' } },
    totpBegin: { body: {} },
    passkeyBegin: { body: {} },
    stepUpPasskey: { body: {} },
    stepUpHost: { body: {} },
    personGrant: { body: { grants: [{ role: 'viewer', project: '*', environment: '*' }], groups: [] } },
    personDisable: { body: {} },
    personEnable: { body: {} },
    personSignOut: { body: {} },
    personReset: { body: {} },
    panicSet: { body: { on: false, reason: 'the matrix' } },
    policyExplain: { body: { action: 'repo.write_files', target } },
    policyReload: { body: {} },
    freezeSet: { body: { project: 'shop', environment: 'dev', frozen: false, reason: 'the matrix' } },
    opsBreakGlass: { body: { digest: zeroDigest, reason: 'the matrix' } },
    opsBreakGlassReview: { body: { finding: 'justified', comment: 'the matrix' } },
    planPrompt: { body: { prompt: 'show the status', target } },
    aliasPlan2: { body: { prompt: 'show the status' } },
    providerSwitch: { body: unfit },
    providerTest: { body: {} },
    aliasProviderSwitch: { body: unfit },
    repositoryFile: { query: '?path=README.md' },
    repositorySearch: { query: '?query=shop' },
    repositoryDiff: { query: '?from=HEAD&to=HEAD' },
    draftCreate: { body: { prompt: 'the matrix' } },
    draftEdit: { body: { steps } },
    draftApprove: { body: {} },
    draftReject: { body: {} },
    draftGenerate: { body: { prompt: 'the matrix' } },
    aiCommandAsk: { body: { target, inputs: unfit } },
    groupPropose: { body: { actions: [{ action: 'repo.write_files', target, request_id: randomUUID() }] } },
    aliasExecute: {
      body: {
        actions: [{ provider: 'repo', action: 'repo.write_files', params: {}, client_request_id: randomUUID() }],
        workspace_id: 'shop',
        actor_id: 'nobody at all',
      },
    },
    dispatchClaim: { body: {} },
    dispatchHeartbeat: { body: { lease: fence } },
    dispatchReport: { body: { lease: fence, number: 1, text: 'the matrix' } },
    dispatchFinish: { body: { lease: fence, result: 'succeeded' } },
    runCreate: { body: { approved_id: approvedIdOf(opId) } },
    taskPlanPut: { body: { title: 'the matrix', tasks: [] } },
    aliasTree: { query: `?target=${target}` },
    aliasFile: { query: `?target=${target}&path=README.md` },
    aliasSearch: { query: `?target=${target}&query=shop` },
    aliasDiff: { query: `?target=${target}&from=HEAD&to=HEAD` },
    aliasStatus: { query: `?target=${target}` },
    aliasUiStatus: { query: `?target=${target}` },
    targetAdd: { body: unfit },
    targetChange: { body: unfit },
    targetTest: { body: {} },
    workerAssigned: { body: { worker: 'm-worker', instance: uuid, known: '', wait_ms: 0 } },
    enrolmentCreate: { body: unfit },
    workerEnrol: { body: unfit },
    workerRegister: { body: { worker: 'm-worker', instance: uuid, version: '1', targets: [], manifests: [] } },
    workerClaim: { body: { worker: 'm-worker', instance: uuid, kinds: ['plan'], wait_ms: 0 } },
    workerHeartbeat: { body: { fence } },
    workerOutput: { body: { fence, request: { first: 1, events: [{ type: 'end', state: 'none' }] } } },
    workerIntent: { body: { fence, request: { index: 0, before: null, guard: null } } },
    workerOutcome: { body: { fence, request: { index: 0, outcome: 'applied', after: null, guard: null } } },
    workerComplete: { body: { fence, request: { kind: 'read', result: 'succeeded', artifacts: [] } } },
  };
  const known = Object.entries(recipes).find(([name]) => name === id)?.[1];
  if (known !== undefined) return known;
  return {};
}

/** The request of one cell, about these subjects and this target of project shop. */
export function requestOf(id: string, route: RouteDefinition, subjects: Subjects, target = 'shop-dev'): Request {
  const source = route.mirrors ?? id;
  // A read has no plan that could be taken back.
  const opId = source === 'opsRollback' ? subjects.readId : subjects.opId;
  const values: Readonly<Record<string, string>> = {
    op_id: opId,
    command: 'generate_patch',
    job_id: opId,
    draft_id: opId,
    approved_id: opId,
    run_id: subjects.runId,
    artifact_id: subjects.artifactId,
    bundle_id: subjects.bundleId,
    replay_id: subjects.replayId,
    request_id: 'matrix-subject',
    token_id: uuid,
    enrolment_id: uuid,
    name: 'nothing',
    file: 'main.js',
    target,
  };
  const { body, query = '' } = recipe(source, subjects, target);
  const path = route.path.replaceAll(/:([a-z_]+)/g, (_whole, name: string) => values[name] ?? uuid);
  return {
    method: route.method,
    path: `${path}${query}`,
    ...(route.body === undefined ? {} : { body: body ?? unfit }),
    headers: {
      // What waits for a worker is answered when it is done: 200, however slow the machine is.
      prefer: 'wait=60',
      ...(route.lane === 'public' && route.method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
    },
  };
}
