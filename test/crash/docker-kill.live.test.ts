import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, NumberedEvent } from '@countersign/client';
import { expect, it } from 'vitest';
import { type LiveContainer, runContainer, untilStopped } from '../../connectors/docker/src/live/containers.ts';
import { closed, killedAt, restartOf, withServer } from './docker-product.ts';

it('a worker killed between the restart and its outcome: reconciled from the container, not restarted twice (DO-12, promise 2)', async () => {
  await using container = await runContainer(untilStopped);
  const { view, audit } = await killedAt('worker:after-effect', restartOf(container));
  expect(view.run?.state).toBe('succeeded');
  expect(view.run?.steps).toMatchObject([{ state: 'verified' }]);
  expect(audit.filter((event) => event === 'step.intent')).toHaveLength(1);
  await sleep(1500);
  expect(await container.starts()).toBe(2);
});

it('a worker killed between the intent and the restart: nobody restarts it, and the run fails in order (DO-12, promise 2)', async () => {
  await using container = await runContainer(untilStopped);
  const { view, audit } = await killedAt('worker:before-effect', restartOf(container));
  expect(view.run?.state).toBe('failed');
  expect(view.run?.steps).toMatchObject([{ state: 'failed' }]);
  expect(audit.filter((event) => event === 'step.intent')).toHaveLength(1);
  expect(audit).toContain('run.outcome_unknown');
  await sleep(1500);
  expect(await container.starts()).toBe(1);
});

async function follow(client: Client, container: LiveContainer): Promise<string> {
  const inputs = { container: container.name, follow: true };
  const request = { target: 'docker', action: 'docker.logs', inputs, request_id: randomUUID(), wait_ms: 0 };
  return (await client.call('actionExecute', { body: request })).op_id;
}

async function readUntil(events: AsyncIterator<NumberedEvent>, pattern: RegExp): Promise<string> {
  for (let text = ''; ; ) {
    const { value, done } = await events.next();
    if (done === true) throw new Error(`the stream ended after:\n${text}`);
    if (value.event.type === 'output') text += value.event.text;
    if (pattern.test(text)) return text;
  }
}

const counting = 'n=0; while :; do n=$((n+1)); echo "line $n"; sleep 0.2; done';

it('logs are followed over HTTP while they are written, and a cancel ends it (DO-5, DO-14)', async () => {
  await using container = await runContainer(counting);
  await withServer(true, async ({ people: { requester } }) => {
    const opId = await follow(requester, container);
    const events = requester.events(opId)[Symbol.asyncIterator]();
    await readUntil(events, /line 3\n/);
    expect(await readUntil(events, /line \d+\n.*line \d+\n/s)).toMatch(/line/);
    await requester.call('opsCancel', { params: { op_id: opId }, body: {} });
    const view = await closed(requester, opId);
    expect(view.run?.state).toBe('cancelled');
    for (let last: NumberedEvent | undefined; ; ) {
      const { value, done } = await events.next();
      if (done !== true) last = value;
      else {
        expect(last?.event).toEqual({ type: 'end', state: 'cancelled' });
        break;
      }
    }
  });
});

it('SIGTERM while logs are followed: it stops within 30 s', async () => {
  await using container = await runContainer(counting);
  await withServer(true, async ({ server, people: { requester } }) => {
    const opId = await follow(requester, container);
    await readUntil(requester.events(opId)[Symbol.asyncIterator](), /line 3\n/);
    const sentAt = performance.now();
    const late = sleep(30_000, { code: 'still there after 30 s', signal: null });
    expect(await Promise.race([server.kill('SIGTERM'), late])).toEqual({ code: 0, signal: null });
    expect(performance.now() - sentAt).toBeLessThan(30_000);
  });
});
