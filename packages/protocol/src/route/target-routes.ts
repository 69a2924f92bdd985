import { z } from 'zod';
import { InventoryRequest, TargetInventory } from '../inventory/inventory.ts';
import { Name } from '../scalar/scalar.ts';
import {
  AssignedAnswer,
  AssignedRequest,
  ManagedTarget,
  TargetAddRequest,
  TargetChangeRequest,
  TargetTestView,
} from '../target/target-settings.ts';
import type { RouteDefinition } from './route.ts';

const admin = { lane: 'ui', permission: 'admin', scope: 'admin', limit: 'write', reach: 'installation' } as const;
const ofTarget = z.strictObject({ target: Name });

/** Targets that are added, changed and removed while the server runs. */
export const targetRoutes = {
  targetAdd: {
    ...admin,
    method: 'POST',
    path: '/v1/targets',
    summary: 'Adds a target that a worker serves; its settings hold no secret.',
    body: TargetAddRequest,
    answers: { 201: ManagedTarget },
  },
  targetSettings: {
    ...admin,
    limit: 'read',
    method: 'GET',
    path: '/v1/targets/:target/settings',
    summary: 'Settings, worker and revision of a target that was added over the API.',
    params: ofTarget,
    answers: { 200: ManagedTarget },
  },
  targetChange: {
    ...admin,
    method: 'PUT',
    path: '/v1/targets/:target',
    summary: 'Changes the settings or the worker of a target that was added over the API.',
    params: ofTarget,
    body: TargetChangeRequest,
    answers: { 200: ManagedTarget },
  },
  targetRemove: {
    ...admin,
    method: 'DELETE',
    path: '/v1/targets/:target',
    summary: 'Removes a target that was added over the API; nothing that was proposed for it runs any more.',
    params: ofTarget,
    answers: { 200: ManagedTarget },
  },
  targetInventory: {
    method: 'POST',
    path: '/v1/targets/:target/inventory',
    lane: 'ui',
    permission: 'actions',
    scope: 'actions:execute',
    limit: 'write',
    reach: 'project',
    summary: 'What a target holds, by name, alias and label, read now or kept, each list with its age.',
    params: ofTarget,
    body: InventoryRequest,
    answers: { 200: TargetInventory },
  },
  targetTest: {
    method: 'POST',
    path: '/v1/targets/:target/test',
    lane: 'ui',
    permission: 'actions',
    scope: 'targets:read',
    limit: 'write',
    reach: 'project',
    summary: 'Has the workers of a target look at it now, and answers what they found.',
    params: ofTarget,
    body: z.strictObject({}),
    answers: { 200: TargetTestView },
  },
  workerAssigned: {
    method: 'POST',
    path: '/v1/worker/assigned',
    lane: 'worker',
    permission: 'worker',
    scope: null,
    limit: 'worker',
    reach: 'none',
    flag: 'remote_workers',
    summary: 'Long poll for what a worker is to serve beside its own file.',
    body: AssignedRequest,
    answers: { 200: AssignedAnswer },
  },
} as const satisfies Record<string, RouteDefinition>;
