import { z } from 'zod';
import { KeyView } from '../key/key.ts';
import type { RouteDefinition } from './route.ts';

/** The installation's signing keys. */
export const keyRoutes = {
  keyList: {
    method: 'GET',
    path: '/v1/keys',
    lane: 'ui',
    permission: 'viewer',
    scope: 'audit:read',
    limit: 'read',
    reach: 'installation',
    summary: 'Signing keys, oldest first, with the sizes of the log between which they count.',
    answers: { 200: z.strictObject({ keys: z.array(KeyView) }) },
  },
  keyRotate: {
    method: 'POST',
    path: '/v1/keys/rotate',
    lane: 'ui',
    permission: 'admin',
    scope: 'admin',
    limit: 'write',
    reach: 'installation',
    summary: 'Replaces the signing key; 202 while the old key still gives way.',
    body: z.strictObject({ reason: z.string().min(1).max(2000) }),
    answers: { 200: KeyView, 202: KeyView },
  },
} as const satisfies Record<string, RouteDefinition>;
