import type { EngineContext } from '../context/context.ts';
import { deliverPending } from './deliver-webhook.ts';

const lookEveryMs = 1000;

/** Topic of a webhook that has something to do. */
export function webhookTopic(name: string): string {
  return `webhook:${name}`;
}

/** One loop per webhook; none waits for another. `stop` resolves when all have ended. */
export function startWebhooks(
  context: EngineContext,
  instance: string,
  onError: (what: string, error: unknown) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const { signal } = stopped;
  const loops = context.webhooks.map(async (endpoint) => {
    const topic = webhookTopic(endpoint.name);
    while (!signal.aborted) {
      const listener = context.wake.listen(topic, lookEveryMs, signal);
      try {
        if (await deliverPending({ context, endpoint, instance, stopped: signal })) listener.stop();
      } catch (error) {
        onError(`webhook ${endpoint.name}`, error);
      }
      await listener.done;
    }
  });
  return {
    async stop() {
      stopped.abort();
      await Promise.all(loops);
    },
  };
}
