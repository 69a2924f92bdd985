import { z } from 'zod';
import { Name, Uuid } from '../scalar/scalar.ts';
import { WebhookTested, WebhookView } from '../webhook/webhook.ts';
import type { RouteDefinition } from './route.ts';

const params = z.strictObject({ name: Name });

/** Webhooks of the audit log. */
export const webhookRoutes = {
  webhookList: {
    method: 'GET',
    path: '/v1/dev/webhooks',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'read',
    reach: 'installation',
    summary: 'Configured webhooks, how far each is, and what it did not take.',
    answers: { 200: z.strictObject({ webhooks: z.array(WebhookView) }) },
  },
  webhookTest: {
    method: 'POST',
    path: '/v1/dev/webhooks/:name/test',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'write',
    reach: 'installation',
    summary: 'Sends a test event now and says how it went.',
    params,
    answers: { 200: WebhookTested },
  },
  webhookResend: {
    method: 'POST',
    path: '/v1/dev/webhooks/:name/resend',
    lane: 'admin',
    permission: 'admin',
    scope: 'admin',
    limit: 'write',
    reach: 'installation',
    summary: 'Queues one dead letter, or all of a webhook, for one more attempt.',
    params,
    body: z.strictObject({ entry_id: Uuid.optional() }),
    answers: { 202: z.strictObject({ queued: z.int() }) },
  },
} as const satisfies Record<string, RouteDefinition>;
