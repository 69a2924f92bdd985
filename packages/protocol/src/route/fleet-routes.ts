import { z } from 'zod';
import {
  Enrolled,
  EnrolmentCreated,
  EnrolmentCreateRequest,
  EnrolmentView,
  EnrolRequest,
} from '../enrolment/enrolment.ts';
import { Name, Uuid } from '../scalar/scalar.ts';
import { WorkerView } from '../worker/worker-view.ts';
import type { RouteDefinition } from './route.ts';

const admin = { lane: 'ui', permission: 'admin', scope: 'admin', limit: 'write', reach: 'installation' } as const;

/** Looking after workers, and letting them in. */
export const fleetRoutes = {
  workerList: {
    method: 'GET',
    path: '/v1/workers',
    lane: 'ui',
    permission: 'viewer',
    scope: 'metrics:read',
    limit: 'read',
    reach: 'project',
    summary: 'Workers: version and skew, last seen, readiness of each connector and target.',
    answers: { 200: z.strictObject({ workers: z.array(WorkerView) }) },
  },
  workerRevoke: {
    ...admin,
    method: 'DELETE',
    path: '/v1/workers/:name',
    summary: "Ends a worker's credentials at once; what it held is taken back when its lease is over.",
    params: z.strictObject({ name: Name }),
    answers: { 200: z.strictObject({ worker: z.string(), revoked: z.int() }) },
  },
  enrolmentList: {
    ...admin,
    limit: 'read',
    method: 'GET',
    path: '/v1/enrolments',
    summary: 'One-time secrets by which workers join, newest first, never their text.',
    answers: { 200: z.strictObject({ enrolments: z.array(EnrolmentView) }) },
  },
  enrolmentCreate: {
    ...admin,
    method: 'POST',
    path: '/v1/enrolments',
    summary: 'Makes a one-time secret by which a worker joins with a key of its own, within a scope.',
    body: EnrolmentCreateRequest,
    answers: { 201: EnrolmentCreated },
  },
  enrolmentRevoke: {
    ...admin,
    method: 'DELETE',
    path: '/v1/enrolments/:enrolment_id',
    summary: 'Takes an open enrolment back.',
    params: z.strictObject({ enrolment_id: Uuid }),
    answers: { 200: EnrolmentView },
  },
  workerEnrol: {
    method: 'POST',
    path: '/v1/worker/enrol',
    lane: 'worker',
    permission: 'none',
    scope: null,
    limit: 'auth',
    reach: 'none',
    flag: 'remote_workers',
    summary: 'A worker joins: spends its one-time secret for the public half of its key.',
    body: EnrolRequest,
    answers: { 200: Enrolled },
  },
} as const satisfies Record<string, RouteDefinition>;
