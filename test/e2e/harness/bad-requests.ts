import { writeFiles } from './flow.ts';
import type { ExpectedError, RawRequest } from './send.ts';

const unknownId = '01890000-0000-7000-8000-000000000000';
const plan = '/v1/ops/plan';
/** A proposal that would be taken. */
export const goodProposal = writeFiles('dev', { 'x.txt': 'x\n' });
const step = (inputs: unknown, action = 'repo.write_files') => ({ target: 'shop-dev', steps: [{ action, inputs }] });
/** No plan has this digest. */
export const zeroDigest = `sha256:${'0'.repeat(64)}`;

/** What is sent by alice unless it says otherwise, and what comes back. */
export const badRequests: readonly (readonly [string, RawRequest, ExpectedError])[] = [
  ['no token', { path: '/v1/ops', token: null }, { code: 'E_AUTH_REQUIRED', status: 401 }],
  ['an unknown token', { path: '/v1/ops', token: 'csn_unknown' }, { code: 'E_AUTH_INVALID', status: 401 }],
  ['a token that is none', { path: '/v1/ops', token: 'a b c' }, { code: 'E_AUTH_REQUIRED', status: 401 }],
  ['an unknown route', { path: '/v1/nothing' }, { code: 'E_NOT_FOUND', status: 404 }],
  ['a wrong method', { path: plan, method: 'DELETE' }, { code: 'E_METHOD_NOT_ALLOWED', status: 405 }],
  [
    'a wrong method on a route with a parameter',
    { path: `/v1/ops/${unknownId}/confirm` },
    { code: 'E_METHOD_NOT_ALLOWED', status: 405 },
  ],
  [
    'a wrong content type',
    { path: plan, text: 'a=b', headers: { 'content-type': 'text/csv' } },
    { code: 'E_MEDIA_TYPE', status: 415 },
  ],
  ['bad JSON', { path: plan, text: '{"steps":' }, { code: 'E_BAD_REQUEST', status: 400 }],
  ['an empty body', { path: plan, text: '', method: 'POST' }, { code: 'E_BAD_REQUEST', status: 400 }],
  [
    'a body over the limit',
    { path: plan, text: JSON.stringify({ note: 'x'.repeat(17 * 1024 * 1024) }) },
    { code: 'E_BODY_TOO_LARGE', status: 413 },
  ],
  [
    'a prototype key',
    { path: plan, text: '{"__proto__": {"x": 1}, "steps": []}' },
    { code: 'E_BAD_REQUEST', status: 400 },
  ],
  [
    'an unknown field',
    { path: plan, body: { ...goodProposal, colour: 'blue' } },
    { code: 'E_VALIDATION', status: 422, field: '/colour' },
  ],
  [
    'no steps',
    { path: plan, body: { target: 'shop-dev', steps: [] } },
    { code: 'E_VALIDATION', status: 422, field: '/steps' },
  ],
  [
    'a wrong type',
    { path: plan, body: { ...goodProposal, note: 7 } },
    { code: 'E_VALIDATION', status: 422, field: '/note' },
  ],
  [
    'a wrong type in an input',
    { path: plan, body: step({ files: [{ path: 'a', content: 7 }], message: 'm' }) },
    { code: 'E_VALIDATION', status: 422, field: '/steps/0/inputs/files/0/content' },
  ],
  [
    'a missing input',
    { path: plan, body: step({ files: [{ path: 'a', content: 'x' }] }) },
    { code: 'E_VALIDATION', status: 422, field: '/steps/0/inputs/message' },
  ],
  [
    'an unknown input',
    { path: plan, body: step({ files: [{ path: 'a', content: 'x' }], message: 'm', force: true }) },
    { code: 'E_VALIDATION', status: 422, field: '/steps/0/inputs/force' },
  ],
  [
    'an unknown action',
    { path: plan, body: step({}, 'repo.write_file') },
    { code: 'E_ACTION_UNKNOWN', status: 422, field: '/steps/0/action' },
  ],
  [
    'an action of an unknown connector',
    { path: plan, body: step({}, 'helm.install') },
    { code: 'E_ACTION_UNKNOWN', status: 422, field: '/steps/0/action' },
  ],
  [
    'an unknown type',
    { path: plan, body: { type: 'repo.nothing', environment: 'dev' } },
    { code: 'E_ACTION_UNKNOWN', status: 422, field: '/steps/0/action' },
  ],
  [
    'a reserved type',
    { path: plan, body: { type: 'install_modules', environment: 'dev', modules: ['sale'] } },
    { code: 'E_CAPABILITY_DISABLED', status: 501, field: 'type' },
  ],
  [
    'an unknown target',
    { path: plan, body: { ...goodProposal, target: 'shop-dve' } },
    { code: 'E_TARGET_UNKNOWN', status: 422, field: 'target' },
  ],
  [
    'an unknown environment',
    { path: plan, body: { steps: goodProposal.steps, environment: 'qa' } },
    { code: 'E_TARGET_UNKNOWN', status: 422, field: 'environment' },
  ],
  [
    'no environment among three',
    { path: plan, body: { steps: goodProposal.steps } },
    { code: 'E_TARGET_AMBIGUOUS', status: 422, field: 'environment' },
  ],
  [
    'a read in a plan',
    { path: plan, body: step({}, 'repo.status') },
    { code: 'E_VALIDATION', status: 422, field: '/steps/0/action' },
  ],
  [
    'an action without request id',
    { path: '/v1/actions/execute', body: { action: 'repo.status', target: 'shop-dev' } },
    { code: 'E_VALIDATION', status: 422, field: '/request_id' },
  ],
  ['an unknown operation', { path: `/v1/ops/${unknownId}` }, { code: 'E_NOT_FOUND', status: 404 }],
  [
    'an id that is none',
    { path: '/v1/ops/no-id-at-all' },
    { code: 'E_VALIDATION', status: 422, field: 'params/op_id' },
  ],
  [
    'a draft id where an approved one is asked',
    { path: '/v1/ops/execute', body: { op_id: 'd_01ARZ3NDEKTSV4RRFFQ69G5FAV' } },
    { code: 'E_NOT_APPROVED', status: 403, field: 'op_id' },
  ],
  [
    'start of an unknown operation',
    { path: '/v1/ops/execute', body: { op_id: unknownId } },
    { code: 'E_NOT_FOUND', status: 404 },
  ],
  [
    'decision on an unknown operation',
    { path: `/v1/ops/${unknownId}/confirm`, body: { digest: zeroDigest, confirmation: 'csc_none' } },
    { code: 'E_NOT_FOUND', status: 404 },
  ],
  ['an unknown run', { path: '/v1/runs/r_01ARZ3NDEKTSV4RRFFQ69G5FAV' }, { code: 'E_NOT_FOUND', status: 404 }],
  ['an unknown artifact', { path: `/v1/artifacts/${unknownId}` }, { code: 'E_NOT_FOUND', status: 404 }],
  ['an unknown bundle', { path: `/v1/evidence/${unknownId}` }, { code: 'E_NOT_FOUND', status: 404 }],
  [
    'a replay of an unknown bundle',
    { path: `/v1/evidence/${unknownId}/replay`, method: 'POST', body: {} },
    { code: 'E_NOT_FOUND', status: 404 },
  ],
  [
    'a replay under a request id that is none',
    { path: `/v1/evidence/${unknownId}/replay`, method: 'POST', body: { request_id: 'a b' } },
    { code: 'E_VALIDATION', status: 422, field: '/request_id' },
  ],
  [
    'measures from a time that is none',
    { path: '/v1/measures?from=yesterday' },
    { code: 'E_VALIDATION', status: 422, field: 'query/from' },
  ],
  [
    'measures of a span that runs backwards',
    { path: '/v1/measures?from=2&to=1' },
    { code: 'E_VALIDATION', status: 422, field: 'query/from' },
  ],
  ['an unknown replay', { path: `/v1/replays/${unknownId}` }, { code: 'E_NOT_FOUND', status: 404 }],
  ['an action nobody asked for', { path: '/v1/actions/never-sent' }, { code: 'E_NOT_FOUND', status: 404 }],
  [
    'a query that is no number',
    { path: '/v1/ops?limit=many' },
    { code: 'E_VALIDATION', status: 422, field: 'query/limit' },
  ],
  [
    'a file without a path',
    { path: '/file?target=shop-dev' },
    { code: 'E_VALIDATION', status: 422, field: 'query/path' },
  ],
  [
    'a search for nothing',
    { path: '/search?target=shop-dev' },
    { code: 'E_VALIDATION', status: 422, field: 'query/query' },
  ],
  [
    'a limit that is no number',
    { path: '/v1/targets/shop-dev/repository/search?query=x&limit=many' },
    { code: 'E_VALIDATION', status: 422, field: 'query/limit' },
  ],
  [
    'a tree of no known repository',
    { path: '/v1/targets/nowhere/repository/tree' },
    { code: 'E_NOT_FOUND', status: 404, field: 'params/target' },
  ],
  [
    'a diff of no chosen repository',
    { path: '/diff' },
    { code: 'E_TARGET_AMBIGUOUS', status: 422, field: 'environment' },
  ],
  [
    'an unknown field of a status',
    { path: '/status?colour=blue' },
    { code: 'E_VALIDATION', status: 422, field: 'query/colour' },
  ],
  ['a broken escape in the address', { path: '/%' }, { code: 'E_BAD_REQUEST', status: 400 }],
];
