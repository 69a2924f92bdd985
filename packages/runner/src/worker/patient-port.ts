import { CodedError, type Fence, type Job, type StreamEvent, type WorkerPort } from '@countersign/protocol';
import type { UnsentOutput } from '../output/unsent-output.ts';
import { patiently } from './patience.ts';

/** What the job's work writes with. */
export interface JobPort extends Pick<WorkerPort, 'recordIntent' | 'recordOutcome' | 'complete'> {
  /** Appends in the order of the calls. */
  appendOutput(fence: Fence, events: StreamEvent[]): Promise<void>;
  /** Whether output that the server does not get waits on disk, also once the lease is lost. */
  readonly keepsOutput: boolean;
}

/**
 * A port whose writes are tried again while the lease holds, at most for the time of one lease. All are fenced, and the
 * server takes an equal repeat of a step's outcome as said already. Output is numbered, so that of a repeat nothing comes twice;
 * with `unsent` it waits on disk instead, and everything else waits until the server has it.
 */
export function patientPort(
  port: WorkerPort,
  job: Job,
  lost: AbortSignal,
  unsent: UnsentOutput | null = null,
): JobPort {
  const write = <T>(attempt: (again: boolean) => Promise<T>): Promise<T> => patiently(job.lease_ms, lost, attempt);
  const afterOutput = async <T>(attempt: (again: boolean) => Promise<T>): Promise<T> => {
    await unsent?.handedIn();
    return await write(attempt);
  };
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
    keepsOutput: unsent !== null,
    appendOutput: unsent === null ? appendOutput : (_fence, events) => unsent.append(events),
    recordIntent: (fence, request) => afterOutput(() => port.recordIntent(fence, request)),
    recordOutcome: (fence, request) => afterOutput(() => port.recordOutcome(fence, request)),
    complete: (fence, request) =>
      afterOutput(async (again) => {
        try {
          await port.complete(fence, request);
        } catch (error) {
          // A completed job has no lease: the try whose answer was lost was heard. If not, somebody else has the job.
          if (!again || !(error instanceof CodedError) || error.code !== 'E_LEASE_LOST') throw error;
        }
      }),
  };
}
