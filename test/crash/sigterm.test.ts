import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError } from '@countersign/client';
import { reportFault, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { makeInstallation, type People } from './installation.ts';
import { startLoad } from './load.ts';
import { judge } from './oracle.ts';

const pauseMs = 20;
const exitWithinMs = 30_000;

/** Proposes again and again until the server is gone; answers what was acknowledged and how many got no answer. */
async function flood({ requester }: People, target: string): Promise<{ acknowledged: string[]; cut: number }> {
  const acknowledged: string[] = [];
  let cut = 0;
  const one = async (): Promise<void> => {
    for (let refused = false; !refused; ) {
      const inputs = { files: [{ path: `${randomUUID()}.txt`, content: 'x\n' }], message: 'flood' };
      const steps = [{ action: 'repo.write_files', inputs }];
      const body = { target, steps, start: 'manual' } as const;
      try {
        acknowledged.push((await requester.call('opsPlan', { body, preferWaitSeconds: 0 })).op_id);
        await sleep(pauseMs);
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refused = true;
        // A connection that was accepted and then closed without an answer, in contrast to one that was refused.
        const cause = error.cause instanceof Error ? error.cause.cause : undefined;
        if (error.status === 0 && !(cause instanceof Error && 'code' in cause && cause.code === 'ECONNREFUSED'))
          cut += 1;
      }
    }
  };
  await Promise.all(Array.from({ length: 8 }, one));
  return { acknowledged, cut };
}

it('SIGTERM under load: it stops in order within 30 s, and nothing that was acknowledged is dropped (promise 1)', async () => {
  await using installation = await makeInstallation();
  const server = await installation.serve();
  const people = await installation.enrol();
  const load = startLoad(people, installation.targets);
  await waitUntil('something runs', () => load.acknowledged.starts.length > 0, { timeoutMs: 90_000 });
  const flooding = flood(people, 'target-0');
  const idleStream = people.requester.events(load.acknowledged.proposals[0]?.opId ?? '')[Symbol.asyncIterator]();
  await idleStream.next();
  await sleep(500);
  const sentAt = performance.now();
  expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(performance.now() - sentAt).toBeLessThan(exitWithinMs);
  const { acknowledged, cut } = await flooding;
  expect(cut, 'accepted and then left without an answer').toBe(0);
  expect(acknowledged.length).toBeGreaterThan(0);

  await installation.serve();
  const stopped = await people.requester.call('audit', { query: { event: 'server.stopped' } });
  expect(stopped.entries).toHaveLength(1);
  for (const opId of acknowledged) {
    // One whose plan could not be made in time is closed by itself; it stands all the same.
    await people.requester.call('opsCancel', { params: { op_id: opId }, body: {} }).catch((error: unknown) => {
      if (!(error instanceof ApiError) || error.code !== 'E_STATE') throw error;
    });
  }
  await load.finish();
  const proposals = [...load.acknowledged.proposals, ...acknowledged.map((opId) => ({ requestId: opId, opId }))];
  const judgement = await judge(people, installation.targets, { ...load.acknowledged, proposals });
  expect(judgement.succeeded).toBeGreaterThan(0);
  const held = `${acknowledged.length} proposals answered 2xx while it stopped all stand; none was cut off`;
  const point = 'the whole product, under load';
  await reportFault({
    fault: 'sigterm',
    point,
    database: 'sqlite',
    fired: 1,
    lost: 0,
    twice: 0,
    held: 'every 2xx stands, none was cut off',
  });
  process.stdout.write(`${held}\n`);
}, 300_000);

it('SIGTERM of a server whose workers are elsewhere ends their long polls, and of a worker its claims', async () => {
  await using installation = await makeInstallation({ targets: 1 });
  const server = await installation.serve({ worker: false });
  const people = await installation.enrol();
  const worker = await installation.work(people.workerToken);
  const sentAt = performance.now();
  expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(performance.now() - sentAt).toBeLessThan(exitWithinMs);
  const held = 'ended within 30 s with code 0';
  for (const point of ['a server with long polls', 'a worker that claims'])
    await reportFault({ fault: 'sigterm', point, database: 'sqlite', fired: 1, lost: 0, twice: 0, held });
}, 60_000);

it('SIGTERM answers a call that waits for a plan: what it proposed stands (promise 1)', async () => {
  await using installation = await makeInstallation({ targets: 1 });
  const server = await installation.serve({ worker: false });
  const people = await installation.enrol();
  const worker = await installation.work(people.workerToken);
  process.kill(worker.pid, 'SIGSTOP');
  const inputs = { files: [{ path: 'file.txt', content: 'x\n' }], message: 'waits' };
  const body = { target: 'target-0', steps: [{ action: 'repo.write_files', inputs }] };
  const waiting = people.requester.call('opsPlan', { body, preferWaitSeconds: 60 });
  await waitUntil('it is proposed', async () => {
    const { operations } = await people.requester.call('opsList');
    return operations.length === 1;
  });
  const sentAt = performance.now();
  expect(await server.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  expect(performance.now() - sentAt).toBeLessThan(exitWithinMs);
  expect((await waiting).state).toBe('planning');
}, 100_000);
