import type { CheckpointSink } from '@countersign/engine';
import type { OutboundFetch } from '@countersign/outbound';
import { checkpointLine } from './checkpoint-line.ts';
import { webhookSignature } from './shared-secret.ts';

export interface WebhookSinkOptions {
  readonly name: string;
  readonly everyMs: number;
  readonly installation: string;
  readonly url: string;
  readonly secret: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Guarded, and bound to the receiver's origin. */
  readonly fetch: OutboundFetch;
}

/** Posts each checkpoint to one configured address, signed. Only a 2xx counts; a redirect is a failure and is not followed. */
export function webhookSink(options: WebhookSinkOptions): CheckpointSink {
  const { name, everyMs, installation, url, secret } = options;
  return {
    name,
    kind: 'webhook',
    everyMs,
    async keep(checkpoint, signal) {
      const body = checkpointLine(installation, checkpoint);
      const response = await options.fetch(url, {
        method: 'POST',
        redirect: 'manual',
        signal,
        headers: {
          'content-type': 'application/json',
          'user-agent': 'countersign',
          'x-countersign-event': 'checkpoint',
          'x-countersign-signature': webhookSignature(secret, Math.floor(options.now() / 1000), body),
          // The receiver may see one again when its answer was lost: same key, same checkpoint.
          'idempotency-key': `${installation}-${checkpoint.treeSize}`,
        },
        body,
      });
      // Nothing of the answer is needed, so nothing of it is read.
      await response.body?.cancel();
      if (response.status < 200 || response.status > 299) throw new Error(`the receiver answered ${response.status}`);
    },
  };
}
