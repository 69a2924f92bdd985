import { computeMeasures, type EngineContext } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of the success measures. */
export function measureRoutes(context: EngineContext): Pick<Handlers, 'measures'> {
  return { measures: async ({ query, signal }) => ok(unwrap(await computeMeasures(context, query, signal))) };
}
