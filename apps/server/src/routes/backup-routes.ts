import type { EngineContext } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of backups. */
export function backupRoutes(context: EngineContext): Pick<Handlers, 'backupMake' | 'backupList'> {
  return {
    backupMake: async ({ caller }) => ({ status: 202, body: unwrap(await context.backups.begin(context, caller)) }),
    backupList: async () => ok({ backups: await context.backups.list() }),
  };
}
