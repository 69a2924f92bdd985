import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { type RunningChild, reportFault, waitUntil } from '@countersign/testing';
import { it } from 'vitest';
import { bundledEntry } from './bundled.ts';
import { workerPoints } from './crash-points.ts';
import { makeInstallation } from './installation.ts';
import { startLoad } from './load.ts';
import { judge } from './oracle.ts';

const leaseMs = 1500;
/** Of a server whose worker is elsewhere: between claim and complete. */
const serverPoints = ['claim', 'intent', 'outcome', 'complete', 'heartbeat'].flatMap((name) => [
  `${name}:before-commit`,
  `${name}:after-commit`,
]);

/** The state letter of a process: `T` is stopped. */
function stateOf(pid: number): string {
  return /\) (\S)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1] ?? '';
}

async function froze(child: RunningChild): Promise<void> {
  await waitUntil('it stands still', () => stateOf(child.pid) === 'T', { timeoutMs: 60_000 });
}

it('a worker frozen past its lease at any point between claim and complete changes nothing once it wakes (promise 2)', async () => {
  await using installation = await makeInstallation({ entry: await bundledEntry(), leaseMs });
  await installation.serve({ worker: false });
  const people = await installation.enrol();
  const load = startLoad(people, installation.targets);
  for (const point of workerPoints) {
    // Each by a name of its own, as on two hosts: what stands still still writes its own audit.
    const name = (life: string): string => `${life}-${point.replaceAll(':', '-')}`;
    const frozen = await installation.work(await people.workerNamed(name('frozen')), {
      name: name('frozen'),
      env: { COUNTERSIGN_FREEZE_AT: `${point}:1` },
    });
    await Promise.race([froze(frozen), load.failed]);
    const heir = await installation.work(await people.workerNamed(name('heir')), { name: name('heir') });
    await sleep(2 * leaseMs);
    process.kill(frozen.pid, 'SIGCONT');
    // Both live for a while: what the first still writes is refused, and what it claims anew is its own.
    await sleep(2 * leaseMs);
    await frozen.kill();
    await heir.kill('SIGTERM');
  }
  await installation.work(people.workerToken);
  await load.finish();
  await judge(people, installation.targets, load.acknowledged);
  for (const point of workerPoints) {
    const held = 'fences rise, each effect once, every run ended';
    await reportFault({
      fault: 'frozen',
      point: `worker at ${point}`,
      database: 'sqlite',
      fired: 1,
      lost: 0,
      twice: 0,
      held,
    });
  }
}, 300_000);

it('a server frozen past the leases that it gave goes on as if nothing had been (promises 1, 2)', async () => {
  await using installation = await makeInstallation({ entry: await bundledEntry(), leaseMs });
  let server = await installation.serve({ worker: false });
  const people = await installation.enrol();
  await installation.work(people.workerToken);
  const load = startLoad(people, installation.targets);
  for (const point of serverPoints) {
    await server.kill();
    server = await installation.serve({ worker: false, env: { COUNTERSIGN_FREEZE_AT: `${point}:1` } });
    await Promise.race([froze(server), load.failed]);
    await sleep(2 * leaseMs);
    process.kill(server.pid, 'SIGCONT');
  }
  await load.finish();
  await judge(people, installation.targets, load.acknowledged);
  for (const point of serverPoints) {
    const held = 'nothing acknowledged is gone, each effect once, every run ended';
    await reportFault({
      fault: 'frozen',
      point: `server at ${point}`,
      database: 'sqlite',
      fired: 1,
      lost: 0,
      twice: 0,
      held,
    });
  }
}, 300_000);
