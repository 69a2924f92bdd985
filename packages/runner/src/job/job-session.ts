import {
  type ActionDefinition,
  type ConnectedTarget,
  ConnectorError,
  type ParsedStep,
  type WorkContext,
} from '@countersign/connector-kit';
import {
  CodedError,
  createTargetScrubber,
  type Failure,
  type Fence,
  type Job,
  JsonObject,
  type PlanBody,
  readJson,
  type Scrubber,
} from '@countersign/protocol';
import { OutputBuffer } from '../output/output-buffer.ts';
import { scrubJson } from '../output/scrub-json.ts';
import type { JobPort } from '../worker/patient-port.ts';

/** Everything one job's work needs. `stop` aborts when the job is cancelled between steps, its lease is lost, or the worker ends. */
export interface JobSession {
  readonly job: Job;
  readonly fence: Fence;
  /** Tries again what failed in passing. */
  readonly port: JobPort;
  readonly target: ConnectedTarget;
  /** What this worker would work with, as a plan names it. */
  readonly connector: PlanBody['connector'];
  readonly actions: ReadonlyMap<string, ActionDefinition>;
  readonly scrubber: Scrubber;
  /** Cancel was asked for: stop between steps. */
  readonly cancelled: AbortSignal;
  /** The lease is lost: nothing may be written any more. */
  readonly lost: AbortSignal;
  readonly faults: RunnerFaults;
  /** Throws E_LEASE_LOST when the lease may have run out, as after the process was frozen. */
  assertHeld(): void;
  /** Epoch milliseconds. */
  now(): number;
}

/** Named places in the worker where a test may kill the process. The product's own does nothing. */
export interface RunnerFaults {
  hit(point: 'worker:before-effect' | 'worker:after-effect' | 'worker:before-verify' | 'worker:before-complete'): void;
}

/** Makes the scrubber of a job: its own secrets, and whatever the target shows that has the shape of one. */
export function scrubberOf(job: Job): Scrubber {
  // What is no UTF-8 is scrubbed as Latin-1: there a secret's bytes read otherwise.
  const asLatin1 = job.secrets.map((secret) => Buffer.from(secret, 'utf8').toString('latin1'));
  return createTargetScrubber([...new Set([...job.secrets, ...asLatin1])]);
}

/** Parses a job's steps by their actions' own schemas. Throws E_VALIDATION. */
export function parseSteps(session: JobSession): ParsedStep[] {
  return session.job.steps.map((step) => {
    const action = session.actions.get(step.action);
    if (action === undefined) throw new CodedError('E_ACTION_UNKNOWN', `this worker has no action ${step.action}`);
    const parsed = action.inputs.safeParse(step.inputs);
    if (!parsed.success) {
      const issue = parsed.error.issues[0];
      throw new CodedError(
        'E_VALIDATION',
        `${step.action}: ${issue?.path.join('.') ?? ''} ${issue?.message ?? 'is not valid'}`,
        {
          field: `/steps/${step.index}/inputs/${issue?.path.join('/') ?? ''}`,
        },
      );
    }
    return {
      index: step.index,
      action: step.action,
      inputs: JsonObject.parse(parsed.data),
      idempotencyKey: step.idempotency_key,
    };
  });
}

/** Runs work with the action's deadline; output goes out scrubbed and capped. */
export async function withContext<T>(
  session: JobSession,
  step: { index: number; action: string },
  signal: AbortSignal,
  work: (context: WorkContext) => Promise<T>,
): Promise<{ value: T; truncated: boolean }> {
  const action = session.actions.get(step.action);
  const timeoutMs = action?.timeoutMs ?? 60_000;
  const outputCapBytes = action?.outputCapBytes ?? 1_000_000;
  const output = new OutputBuffer(step.index, outputCapBytes, session.scrubber, (events) =>
    session.port.appendOutput(session.fence, events),
  );
  // A timer of our own: the one of AbortSignal.timeout would fire long after the work that it was for.
  const ending = new AbortController();
  const deadline = ending.signal;
  const timer = setTimeout(() => ending.abort(new DOMException(`${timeoutMs} ms are over`, 'TimeoutError')), timeoutMs);
  const both = AbortSignal.any([deadline, signal]);
  try {
    const value = await raceAbort(
      work({
        signal: both,
        outputCapBytes,
        output: (channel, text) => output.write(channel, text),
        progress: (message, fraction) => output.progress(message, fraction ?? null),
      }),
      deadline,
      `${step.action} ran longer than its ${timeoutMs} ms`,
    );
    await output.end();
    return { value, truncated: output.truncated };
  } catch (error) {
    if (!session.lost.aborted) await output.end();
    // What is left goes to the disk, and to the server with the next claim.
    else if (session.port.keepsOutput) await output.end().catch(() => undefined);
    if (deadline.aborted && !(error instanceof CodedError && error.code === 'E_TIMEOUT')) {
      throw new ConnectorError('E_TIMEOUT', `${step.action} ran longer than its ${timeoutMs} ms`, {
        effect: 'maybe',
        cause: error,
      });
    }
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

const graceMs = 2000;

/** Work that ignored its deadline: nobody waits for it any more, but it was not stopped. */
class LeftBehindError extends ConnectorError {
  constructor(message: string) {
    super('E_TIMEOUT', message, { effect: 'maybe' });
  }
}

/** Whether an error says that the work it was about may still be going on. */
export function wasLeftBehind(error: unknown): boolean {
  return error instanceof LeftBehindError;
}

/** A connector that ignores its signal is left behind shortly after the deadline. */
async function raceAbort<T>(work: Promise<T>, deadline: AbortSignal, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  let arm: () => void = () => undefined;
  const late = new Promise<never>((_resolve, reject) => {
    arm = () => {
      timer = setTimeout(() => reject(new LeftBehindError(message)), graceMs);
    };
    if (deadline.aborted) arm();
    else deadline.addEventListener('abort', arm, { once: true });
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    deadline.removeEventListener('abort', arm);
    clearTimeout(timer);
  }
}

/** What a thrown error becomes in the answer: scrubbed, typed, without a stack. */
export function failureOf(error: unknown, scrubber: Scrubber): Failure {
  if (error instanceof CodedError) {
    const detail = JsonObject.safeParse(scrubJson(JsonObject.parse(readJson(JSON.stringify(error.detail))), scrubber));
    return {
      code: error.code,
      message: scrubber.text(error.message),
      ...(detail.success ? { detail: detail.data } : {}),
    };
  }
  const message = error instanceof Error ? error.message : 'an unknown error';
  return { code: 'E_INTERNAL', message: scrubber.text(message) };
}

/** Whether an error promises that the target was not changed. */
export function promisesNoEffect(error: unknown): boolean {
  return error instanceof ConnectorError && error.effect === 'none';
}
