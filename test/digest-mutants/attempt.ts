import { CodedError, isErrorCode, type Job } from '@countersign/protocol';
import { claim } from '../../packages/engine/src/fixture/do-work.ts';
import { callerOf } from '../../packages/engine/src/fixture/people.ts';
import type { Session } from '../../packages/engine/src/fixture/session.ts';
import { startRun } from '../../packages/engine/src/run/start-run.ts';
import { workerPort } from '../../packages/engine/src/worker/in-process-port.ts';
import { runClaimed } from './ledger-worker.ts';

/** How far a try to execute came: the code that refused it, or `executed`. */
export interface Attempt {
  readonly answer: string;
  readonly effects: readonly string[];
}

async function coded(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CodedError) return error.code;
    throw error;
  }
}

/** Claims and runs what is queued, all the way to the end. */
export async function tryToRun(
  session: Session,
  opId: string,
  change: (job: Job) => Job = (job) => job,
): Promise<Attempt> {
  const effects: string[] = [];
  const answer = await coded(async () => {
    const job = await claim(session, 'run');
    session.jobs.length = 0;
    if (job !== null) await runClaimed(change(job), workerPort(session.context), session.instance, effects);
    const run = await session.context.store.read((reads) => reads.runs.byOperation(opId));
    return run?.failure?.code ?? (run === null ? 'no run' : run.state);
  });
  return { answer, effects };
}

/** Starts with a digest, and when that is not refused claims and runs, all the way to the end. */
export async function tryToExecute(session: Session, opId: string, digest: string | undefined): Promise<Attempt> {
  const refused = await coded(async () => {
    const request = { opId, digest, requestId: undefined, busy: 'queue' } as const;
    const started = await startRun(session.context, callerOf('ada'), request);
    return started.ok ? '' : started.code;
  });
  return refused === '' ? await tryToRun(session, opId) : { answer: refused, effects: [] };
}

/** Whether an attempt was refused as it should be: no effect, and a code of the registry. */
export function wasRefused({ answer, effects }: Attempt): boolean {
  return effects.length === 0 && isErrorCode(answer);
}
