import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '@countersign/client';
import type { Bridge } from '../bridge/bridge.ts';
import type { McpOptions } from './options.ts';

/** A bridge with one caller's token as its whole authority. */
export function makeBridge({ url, version, trust, repository }: McpOptions, token: string): Bridge {
  return {
    client: connect({ url, token, userAgent: `countersign-mcp/${version}` }),
    pace: {
      now: () => performance.now(),
      pause: async (ms) => {
        await pause(ms);
      },
    },
    trust,
    repository,
  };
}
