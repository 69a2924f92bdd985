import type { Fence, WorkerPort } from '@countersign/protocol';
import type { Client } from '../connection/client.ts';

// What the network may add to a long poll before the client gives the poll up.
const pollMarginMs = 15_000;
// A heartbeat that takes longer is worth less than the next one.
const heartbeatTimeoutMs = 10_000;
// What is small is answered soon or not at all: whoever waits longer could say it again.
const writeTimeoutMs = 15_000;
const heldAtMost = 1000;

/**
 * The worker port over HTTP, for a worker in another process or beside a remote target.
 *
 * Each call about a job carries the correlation id of its operation, so that the server's log and the worker's tell one story.
 * Nothing is sent twice by itself: the runner decides what to do after a broken connection. A stale fence is a
 * `CodedError` with code `E_LEASE_LOST`. `claim` is a long poll; aborting its signal ends it with the signal's reason.
 */
export function httpWorkerPort(client: Client): WorkerPort {
  // A worker holds few jobs at once, and says of each when it is over; what it lost is pushed out by what it claims.
  const correlations = new Map<string, string>();
  const belonging = ({ job_id: id }: Fence): { correlationId?: string } => {
    const correlationId = correlations.get(id);
    return correlationId === undefined ? {} : { correlationId };
  };
  return {
    register: (body) => client.call('workerRegister', { body }),
    claim: async (body, signal) => {
      const timeoutMs = body.wait_ms + pollMarginMs;
      const { job } = await client.call('workerClaim', { body, signal, timeoutMs });
      if (job === null) return null;
      correlations.set(job.job_id, job.correlation_id);
      const [oldest] = correlations.keys();
      if (correlations.size > heldAtMost && oldest !== undefined) correlations.delete(oldest);
      return job;
    },
    heartbeat: (fence) =>
      client.call('workerHeartbeat', { body: { fence }, timeoutMs: heartbeatTimeoutMs, ...belonging(fence) }),
    appendOutput: async (fence, request) => {
      await client.call('workerOutput', { body: { fence, request }, timeoutMs: writeTimeoutMs, ...belonging(fence) });
    },
    recordIntent: (fence, request) =>
      client.call('workerIntent', { body: { fence, request }, timeoutMs: writeTimeoutMs, ...belonging(fence) }),
    recordOutcome: async (fence, request) => {
      await client.call('workerOutcome', { body: { fence, request }, timeoutMs: writeTimeoutMs, ...belonging(fence) });
    },
    complete: async (fence, request) => {
      await client.call('workerComplete', { body: { fence, request }, ...belonging(fence) });
      correlations.delete(fence.job_id);
    },
    assigned: (body, signal) => client.call('workerAssigned', { body, signal, timeoutMs: body.wait_ms + pollMarginMs }),
  };
}
