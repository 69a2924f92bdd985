import { type EngineContext, runValidation, validationStatus } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of validation. */
export function validationRoutes(context: EngineContext): Pick<Handlers, 'validateRun' | 'validateStatus'> {
  return {
    validateRun: async ({ caller, body }) => ok(unwrap(await runValidation(context, caller, body))),
    validateStatus: async ({ caller, query }) => ok(await validationStatus(context, caller, query.scope)),
  };
}
