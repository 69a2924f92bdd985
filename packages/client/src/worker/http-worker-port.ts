import type { WorkerPort } from '@countersign/protocol';
import type { Client } from '../connection/client.ts';

// What the network may add to a long poll before the client gives the poll up.
const pollMarginMs = 15_000;
// A heartbeat that takes longer is worth less than the next one.
const heartbeatTimeoutMs = 10_000;

/**
 * The worker port over HTTP, for a worker in another process or beside a remote target.
 *
 * Nothing is sent twice by itself: the runner decides what to do after a broken connection. A stale fence is a
 * `CodedError` with code `E_LEASE_LOST`. `claim` is a long poll; aborting its signal ends it with the signal's reason.
 */
export function httpWorkerPort(client: Client): WorkerPort {
  return {
    register: (body) => client.call('workerRegister', { body }),
    claim: async (body, signal) => {
      const timeoutMs = body.wait_ms + pollMarginMs;
      return (await client.call('workerClaim', { body, signal, timeoutMs })).job;
    },
    heartbeat: (fence) => client.call('workerHeartbeat', { body: { fence }, timeoutMs: heartbeatTimeoutMs }),
    appendOutput: async (fence, request) => {
      await client.call('workerOutput', { body: { fence, request } });
    },
    recordIntent: (fence, request) => client.call('workerIntent', { body: { fence, request } }),
    recordOutcome: async (fence, request) => {
      await client.call('workerOutcome', { body: { fence, request } });
    },
    complete: async (fence, request) => {
      await client.call('workerComplete', { body: { fence, request } });
    },
  };
}
