import { EmbeddedQueue, queueRate } from '../fixture/embedded-queue.ts';
import { openInstallation } from '../fixture/installation.ts';
import { startRedis } from '../fixture/redis.ts';
import { alternate } from '../harness/alternate.ts';
import { beside } from '../harness/beside.ts';
import { startPeer } from '../harness/peers.ts';
import type { Figure, Row } from '../harness/row.ts';
import { workFolder } from '../harness/work-folder.ts';

const clients = 32;
const jobsEach = 60;
const goal = { of: 'ratio', bound: 'at least', value: 2 } as const;

async function measure(): Promise<Figure[]> {
  using folder = workFolder();
  await using disposables = new AsyncDisposableStack();
  const installation = disposables.use(await openInstallation(folder.path, { targets: 1, worker: false }));
  const queue = new EmbeddedQueue(installation);
  disposables.defer(() => queue.stop());
  const bullmq = await beside('BullMQ 6.7.0', async () => {
    const redis = disposables.use(await startRedis(folder.path));
    return { redis, peer: disposables.use(await startPeer('bullmq.mjs', [String(redis.port)])) };
  });
  const ours = () => queueRate(queue, clients, jobsEach);
  const shared = { what: 'jobs added, claimed and done, 32 clients', unit: 'jobs/s', goal };
  if ('absent' in bullmq) {
    return [
      { ...shared, ours: (await alternate({ ours })).ours, peer: null, absent: `${bullmq.name}: ${bullmq.absent}` },
    ];
  }
  const { peer, redis } = bullmq.started;
  const medians = await alternate({ ours, bullmq: () => peer.rate(clients, jobsEach) });
  const name = `${bullmq.name}, Redis ${redis.version}, AOF synced at each write`;
  return [{ ...shared, ours: medians.ours, peer: { name, value: medians.bullmq } }];
}

export const embeddedQueue: Row = {
  name: 'embedded-queue',
  what: 'the queue in the database, SQLite with synchronous FULL, 32 jobs under way',
  measure,
};
