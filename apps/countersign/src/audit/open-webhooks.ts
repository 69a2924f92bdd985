import type { WebhookEndpoint } from '@countersign/engine';
import { eventsNamed } from '@countersign/protocol';
import type { LoadedConfig } from '../config/load-config.ts';
import type { SinkHost } from './open-sinks.ts';
import { sharedSecret, webhookSignature } from './shared-secret.ts';

/** The places that the configuration tells of audit events. Throws E_CONFIG with file and line. */
export function openWebhooks(loaded: LoadedConfig, host: Omit<SinkHost, 'installation'>): WebhookEndpoint[] {
  return loaded.config.webhooks.map((entry, index) => {
    const secret = sharedSecret(loaded, entry, ['webhooks', index], host.env);
    const { origin } = new URL(entry.url);
    const fetch = host.outbound({ origins: [origin], timeoutMs: 10_000 });
    const events = eventsNamed(entry.events.join(',')) ?? [];
    return {
      name: entry.name,
      origin,
      // How a webhook fares is no news for webhooks: one that fails would be told so without end.
      events: events.filter((event) => !event.startsWith('webhook.')),
      mostAttempts: entry.most_attempts,
      async post({ id, body }, signal) {
        const response = await fetch(entry.url, {
          method: 'POST',
          redirect: 'manual',
          signal,
          headers: {
            'content-type': 'application/cloudevents+json; charset=utf-8',
            'x-countersign-signature': webhookSignature(secret, Math.floor(host.now() / 1000), body),
            'idempotency-key': id,
          },
          body,
        });
        // Nothing of the answer is needed, so nothing of it is read.
        await response.body?.cancel();
        if (response.status < 200 || response.status > 299) throw new Error(`the receiver answered ${response.status}`);
      },
    };
  });
}
