import { RetentionPass, StorageView } from '../retention/retention.ts';
import type { RouteDefinition } from './route.ts';

/** What is kept, and for how long. */
export const storageRoutes = {
  storage: {
    method: 'GET',
    path: '/v1/dev/storage',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'read',
    reach: 'installation',
    summary: 'How much the installation keeps, and what retention allows.',
    answers: { 200: StorageView },
  },
  retentionApply: {
    method: 'POST',
    path: '/v1/dev/retention',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'write',
    reach: 'installation',
    summary: 'Applies retention now: takes content that is too old or over budget; digests and audit entries stay.',
    answers: { 200: RetentionPass },
  },
} as const satisfies Record<string, RouteDefinition>;
