import type { Job, OutputRequest, StreamEvent } from '@countersign/protocol';
import { expect, it } from 'vitest';
import type { Session } from '../fixture/session.ts';
import { claimRun, planned, withSession } from '../fixture/with-session.ts';
import { workerPort } from './in-process-port.ts';
import { takeBack } from './take-back.ts';

const line = (message: string): StreamEvent => ({ type: 'progress', step: 0, message, fraction: null });

/** A run that was claimed, lost and claimed again: the job of each claim. */
async function claimedTwice(session: Session): Promise<{ opId: string; first: Job; second: Job }> {
  const opId = await planned(session, 'ada', 'dev', { start: 'when_allowed' });
  const first = await claimRun(session, opId);
  const { store } = session.context;
  const job = await store.read((reads) => reads.jobs.get(first.job_id));
  if (job === null) throw new Error('the job is gone');
  await store.write((unit) => takeBack(session.context, unit, job, 'expired'));
  return { opId, first, second: await claimRun(session, opId) };
}

const messages = async ({ context }: Session, opId: string): Promise<string[]> => {
  const chunks = await context.store.read((reads) => reads.streams.after(opId, 0, 100));
  return chunks.flatMap(({ event }) => (event.type === 'progress' ? [event.message] : []));
};

it('what an earlier claim kept is handed in by the next one, each line once and before its own (DO-1)', async () => {
  await withSession(async (session) => {
    const port = workerPort(session.context);
    const { opId, first, second } = await claimedTwice(session);
    const say = (of: Job | null, number: number, ...said: string[]) => {
      const request: OutputRequest = { first: number, events: said.map(line) };
      const { job_id, fence } = of ?? second;
      return port.appendOutput(session.fenceOf(second), of === null ? request : { ...request, of: { job_id, fence } });
    };
    await say(first, 1, 'a', 'b');
    await say(first, 1, 'a', 'b', 'c');
    await say(null, 1, 'x');
    // Its own words do not make the server forget how much the other one said.
    await say(first, 2, 'b', 'c', 'd');
    await say(null, 1, 'x', 'y');
    expect(await messages(session, opId)).toEqual(['a', 'b', 'c', 'x', 'd', 'y']);
  });
});

it('only an earlier claim of the same operation, by whoever holds it now', async () => {
  await withSession(async (session) => {
    const port = workerPort(session.context);
    const { opId, first, second } = await claimedTwice(session);
    await planned(session, 'ada', 'stage');
    const [other] = session.jobs;
    expect(other?.op_id).not.toBe(opId);
    const held = session.fenceOf(second);
    const late = (of: { job_id: string; fence: number }, fence = held) =>
      port.appendOutput(fence, { first: 1, events: [line('forged')], of });
    const { job_id } = second;
    for (const of of [
      { job_id, fence: second.fence },
      { job_id, fence: second.fence + 1 },
      { job_id: other?.job_id ?? '', fence: 1 },
      { job_id: opId, fence: 1 },
    ])
      await expect(late(of)).rejects.toMatchObject({ code: 'E_VALIDATION', detail: { field: 'request.of' } });
    const stale = session.fenceOf(first);
    await expect(late({ job_id, fence: 1 }, stale)).rejects.toMatchObject({ code: 'E_LEASE_LOST' });
    expect(await messages(session, opId)).toEqual([]);
  });
});
