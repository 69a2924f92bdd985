import { setTimeout as pause } from 'node:timers/promises';
import {
  CodedError,
  type ErrorCode,
  type Fence,
  type Job,
  type StreamEvent,
  type WorkerPort,
} from '@countersign/protocol';

/** What the job's work writes with. */
export interface JobPort extends Pick<WorkerPort, 'recordIntent' | 'recordOutcome' | 'complete'> {
  /** Appends in the order of the calls. */
  appendOutput(fence: Fence, events: StreamEvent[]): Promise<void>;
}

const firstPauseMs = 50;
const longestPauseMs = 2000;
const passing: readonly ErrorCode[] = ['E_STORE', 'E_TARGET_UNREACHABLE', 'E_TIMEOUT'];

/** Whether an error of the port may be gone at the next try: no answer, no database, or a proxy that answers for the server. */
function passes(error: unknown): boolean {
  if (!(error instanceof CodedError)) return false;
  const { status } = error.detail;
  return passing.includes(error.code) || (error.code === 'E_INTERNAL' && typeof status === 'number' && status >= 502);
}

/**
 * A port whose writes are tried again while the lease holds, at most for the time of one lease. All are fenced, and the
 * server takes an equal repeat of a step's outcome as said already. Output is numbered, so that of a repeat nothing comes twice.
 */
export function patientPort(port: WorkerPort, job: Job, lost: AbortSignal): JobPort {
  async function write<T>(attempt: (again: boolean) => Promise<T>): Promise<T> {
    const until = performance.now() + job.lease_ms;
    for (let pauseMs = firstPauseMs, again = false; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs), again = true) {
      try {
        return await attempt(again);
      } catch (error) {
        if (!passes(error) || lost.aborted || performance.now() + pauseMs > until) throw error;
        // An abort ends the pause early; the loop then says why.
        await pause(pauseMs, undefined, { signal: lost }).catch(() => undefined);
        if (lost.aborted) throw error;
      }
    }
  }
  let said = 0;
  let appended: Promise<unknown> = Promise.resolve();
  // One at a time: while one is said again, a later one must not have overtaken it.
  const appendOutput = (fence: Fence, events: StreamEvent[]): Promise<void> => {
    const first = said + 1;
    said += events.length;
    const result = appended.then(() => write(() => port.appendOutput(fence, { first, events })));
    appended = result.catch(() => undefined);
    return result;
  };
  return {
    appendOutput,
    recordIntent: (fence, request) => write(() => port.recordIntent(fence, request)),
    recordOutcome: (fence, request) => write(() => port.recordOutcome(fence, request)),
    complete: (fence, request) =>
      write(async (again) => {
        try {
          await port.complete(fence, request);
        } catch (error) {
          // A completed job has no lease: the try whose answer was lost was heard. If not, somebody else has the job.
          if (!again || !(error instanceof CodedError) || error.code !== 'E_LEASE_LOST') throw error;
        }
      }),
  };
}
