import { type EngineContext, resendLetters, testWebhook, viewWebhooks } from '@countersign/engine';
import { ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

/** Handlers of webhooks. */
export function webhookRoutes(context: EngineContext): Pick<Handlers, 'webhookList' | 'webhookTest' | 'webhookResend'> {
  return {
    async webhookList() {
      return ok({ webhooks: await viewWebhooks(context) });
    },
    async webhookTest({ caller, params, signal }) {
      return ok(unwrap(await testWebhook(context, caller, params.name, signal)));
    },
    async webhookResend({ caller, params, body }) {
      const queued = unwrap(await resendLetters(context, caller, params.name, body.entry_id ?? null));
      return { status: 202, body: { queued } };
    },
  };
}
