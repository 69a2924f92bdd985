import { connect } from '@countersign/client';
import { admitFirstToken, newTokenText, workerPort } from '@countersign/engine';
import { buildServer } from '@countersign/server';
import { pino } from 'pino';
import { openInstallation } from '../fixture/installation.ts';
import type { Figure, Row } from '../harness/row.ts';
import { quantile } from '../harness/statistics.ts';
import { workFolder } from '../harness/work-folder.ts';

const warmUps = 50;
const samples = 300;
/** Between two operations nothing is under way. */
const idleMs = 20;

async function measure(): Promise<Figure[]> {
  using folder = workFolder();
  await using installation = await openInstallation(folder.path, { targets: 1, worker: true });
  const { context } = installation;
  const token = newTokenText();
  await admitFirstToken(context, token);
  const app = await buildServer({ context, port: workerPort(context), logger: pino({ level: 'silent' }) });
  const client = connect({ url: await app.listen({ host: '127.0.0.1', port: 0 }), token });
  const steps = [{ action: 'memory.set', inputs: { key: 'a', value: 'b' } }];

  /** Milliseconds from the call that starts a run to its first event, by a watcher that was there before. */
  const once = async (): Promise<number> => {
    const { op_id: opId } = await client.call('opsPlan', { body: { target: 'memory-0', steps } });
    const planned = await client.call('opsGet', { params: { op_id: opId } });
    if (planned.plan?.digest == null) throw new Error('No plan came.');
    const { promise: watching, resolve: seesPlan } = Promise.withResolvers<void>();
    const first = (async () => {
      let at = 0;
      for await (const { event } of client.events(opId)) {
        if (event.type === 'state' && event.state === 'planned') seesPlan();
        if (at === 0 && event.type === 'state' && event.subject === 'run') at = performance.now();
      }
      return at;
    })();
    await watching;
    await new Promise((resolve) => setTimeout(resolve, idleMs));
    const startedAt = performance.now();
    await client.call('opsExecute', { body: { op_id: opId, digest: planned.plan.digest } });
    return (await first) - startedAt;
  };

  const delaysMs: number[] = [];
  for (let index = 0; index < warmUps + samples; index += 1) {
    const delayMs = await once();
    if (index >= warmUps) delaysMs.push(delayMs);
  }
  await app.close();
  const figure = (what: string, ours: number, value: number): Figure => ({
    what,
    unit: 'ms',
    ours,
    peer: null,
    goal: { of: 'ours', bound: 'at most', value },
  });
  return [
    figure('p50 by HTTP and SSE', quantile(delaysMs, 0.5), 3),
    figure('p99 by HTTP and SSE', quantile(delaysMs, 0.99), 25),
  ];
}

export const approveToEvent: Row = {
  name: 'approve-to-event',
  what: 'from the call that starts an approved run to its first event, idle, embedded worker',
  cited: 'Windmill about 50 ms, BullMQ 1.2 ms bare on the machine of the published figures',
  changed: ['the same as for the pipeline.'],
  dominates:
    'not taken apart; between the two lie one request, one unit with its commit, one read of the stream and one write to the watcher.',
  measure,
};
