import { z } from 'zod';
import { BackupView } from '../backup/backup.ts';
import type { RouteDefinition } from './route.ts';

/** Backups of the whole installation. */
export const backupRoutes = {
  backupMake: {
    method: 'POST',
    path: '/v1/dev/backups',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'write',
    reach: 'installation',
    summary: 'Begins a backup of database, artifacts, keys and tree head into a folder on the server; one at a time.',
    answers: { 202: BackupView },
  },
  backupList: {
    method: 'GET',
    path: '/v1/dev/backups',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'read',
    reach: 'installation',
    summary: 'Backups that run and those that stand in the folder, newest first.',
    answers: { 200: z.strictObject({ backups: z.array(BackupView) }) },
  },
} as const satisfies Record<string, RouteDefinition>;
