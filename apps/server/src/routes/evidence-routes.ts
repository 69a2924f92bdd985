import { type EngineContext, readTrust, viewEvidence } from '@countersign/engine';
import { canonicalJson } from '@countersign/evidence';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of evidence. */
export function evidenceRoutes(context: EngineContext): Pick<Handlers, 'evidence' | 'trust'> {
  return {
    evidence: async ({ caller, params }) => ok(unwrap(await viewEvidence(context, caller, params.bundle_id))),
    async trust({ reply }) {
      reply.header('content-type', 'application/json; charset=utf-8');
      const trust = await context.store.read((reads) => readTrust(reads, context.settings.installation));
      // One document, one spelling: whoever keeps it can compare it byte for byte.
      return ok(canonicalJson(trust));
    },
  };
}
