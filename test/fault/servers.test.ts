import { randomInt } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestDatabase, freePort, type RunningChild, reportFault } from '@countersign/testing';
import { expect, it } from 'vitest';
import { bundledEntry } from '../crash/bundled.ts';
import { makeInstallation } from '../crash/installation.ts';
import { startLoad } from '../crash/load.ts';
import { judge } from '../crash/oracle.ts';

const servers = 3;
const kills = Number(process.env['COUNTERSIGN_SERVER_KILLS'] ?? '15');
const longestLifeMs = 1500;
const leaseMs = 3000;

it('servers of one Postgres are killed and started again at random: the others work on, nothing is lost or done twice (promises 1, 2, 4)', async () => {
  await using database = await createTestDatabase();
  const entry = await bundledEntry();
  await using installation = await makeInstallation({ entry, leaseMs, databaseUrl: database.connectionString });
  const ports = [Number(new URL(installation.url).port)];
  while (ports.length < servers) ports.push(await freePort());
  const seat = ports.map((port) => ({ port, url: `http://127.0.0.1:${port}` }));
  const running = new Map<number, RunningChild>();
  const start = async (port: number): Promise<void> => {
    running.set(port, await installation.serve({ port }));
  };
  // At once: the first of them makes keys, schema and first token, and the others find them.
  await Promise.all(ports.map(start));
  const people = await installation.enrol();
  const everywhere = seat.map(({ url }) => people.at(url));
  let turn = 0;
  const next = () => {
    turn += 1;
    return everywhere[turn % servers] ?? people;
  };
  const load = startLoad(next, installation.targets, { housekeeping: true });
  const finishedDuringKills = { before: 0, after: 0 };
  finishedDuringKills.before = load.acknowledged.proposals.length;
  for (let kill = 0; kill < kills; kill += 1) {
    const port = ports[randomInt(servers)] ?? 0;
    await Promise.race([sleep(randomInt(longestLifeMs)), load.failed]);
    expect(await running.get(port)?.kill()).toEqual({ code: null, signal: 'SIGKILL' });
    await Promise.race([start(port), load.failed]);
  }
  finishedDuringKills.after = load.acknowledged.proposals.length;
  await load.finish();
  const judgement = await judge(people, installation.targets, load.acknowledged);
  process.stdout.write(`${kills} kills of ${servers} servers: ${JSON.stringify(judgement)}\n`);
  expect(finishedDuringKills.after, 'work went on').toBeGreaterThan(finishedDuringKills.before + servers);
  expect(judgement.succeeded).toBeGreaterThan(0);
  const held = `${servers} servers with a worker each; one installation after all of them started at once`;
  const point = `${servers} servers, at random times`;
  await reportFault({
    fault: 'kill-of-one-server',
    point,
    database: 'postgres',
    fired: kills,
    lost: 0,
    twice: 0,
    held,
  });
}, 600_000);
