import { type EngineContext, viewEvidence } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of evidence. */
export function evidenceRoutes(context: EngineContext): Pick<Handlers, 'evidence' | 'trust'> {
  return {
    evidence: async ({ params }) => ok(unwrap(await viewEvidence(context, params.bundle_id))),
    trust: async () => ok(context.trust),
  };
}
