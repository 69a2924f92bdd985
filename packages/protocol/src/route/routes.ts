import { accessRoutes } from './access-routes.ts';
import { accountRoutes } from './account-routes.ts';
import { actionRoutes } from './action-routes.ts';
import { authRoutes } from './auth-routes.ts';
import { backupRoutes } from './backup-routes.ts';
import { dispatchRoutes } from './dispatch-routes.ts';
import { draftRoutes, opsAliasRoutes } from './draft-routes.ts';
import { evidenceRoutes } from './evidence-routes.ts';
import { fleetRoutes } from './fleet-routes.ts';
import { groupRoutes } from './group-routes.ts';
import { keyRoutes } from './key-routes.ts';
import { metaRoutes } from './meta-routes.ts';
import { operationRoutes } from './operation-routes.ts';
import { pageRoutes } from './page-routes.ts';
import { peopleRoutes } from './people-routes.ts';
import { plannerRoutes } from './planner-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import { probeRoutes } from './probe-routes.ts';
import { publicRoutes } from './public-routes.ts';
import { repositoryRoutes } from './repository-routes.ts';
import type { RouteDefinition } from './route.ts';
import { storageRoutes } from './storage-routes.ts';
import { targetRoutes } from './target-routes.ts';
import { webhookRoutes } from './webhook-routes.ts';
import { workerRoutes } from './worker-routes.ts';

/** Every route of the server, by a permanent id. */
export const routes = {
  ...probeRoutes,
  ...metaRoutes,
  ...pageRoutes,
  ...actionRoutes,
  ...operationRoutes,
  ...draftRoutes,
  ...opsAliasRoutes,
  ...dispatchRoutes,
  ...groupRoutes,
  ...evidenceRoutes,
  ...keyRoutes,
  ...accessRoutes,
  ...authRoutes,
  ...accountRoutes,
  ...peopleRoutes,
  ...policyRoutes,
  ...plannerRoutes,
  ...backupRoutes,
  ...storageRoutes,
  ...repositoryRoutes,
  ...webhookRoutes,
  ...workerRoutes,
  ...fleetRoutes,
  ...targetRoutes,
  ...publicRoutes,
} as const satisfies Record<string, RouteDefinition>;

export type RouteId = keyof typeof routes;
