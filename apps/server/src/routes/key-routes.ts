import { setTimeout as delay } from 'node:timers/promises';
import { advanceCheckpoint, type EngineContext, listKeys, rotateKey } from '@countersign/engine';
import { type Answer, ok, unwrap } from '../http/handler.ts';
import type { Handlers } from './handlers.ts';

const usualWaitMs = 10_000;
const lookEveryMs = 50;

/** Handlers of the installation's signing keys. */
export function keyRoutes(context: EngineContext): Pick<Handlers, 'keyList' | 'keyRotate'> {
  return {
    keyList: async () => ok({ keys: await listKeys(context) }),
    async keyRotate({ caller, body, waitMs, signal }): Promise<Answer> {
      const next = unwrap(await rotateKey(context, caller, body.reason));
      const until = context.clock.now() + (waitMs ?? usualWaitMs);
      for (;;) {
        await advanceCheckpoint(context);
        const standing = (await listKeys(context)).find(({ keyid }) => keyid === next.keyid) ?? next;
        if (standing.state !== 'next') return ok(standing);
        // The rotation goes on by itself; who asked looks again with GET /v1/keys.
        if (signal.aborted || context.clock.now() >= until) return { status: 202, body: standing };
        await delay(lookEveryMs);
      }
    },
  };
}
