import { createTestDatabase, reportFault } from '@countersign/testing';
import { expect, it } from 'vitest';
import { bundledEntry } from './bundled.ts';
import { serverPoints, workerPoints } from './crash-points.ts';
import { type Kill, playRound, type Round, type Victim, withWhatIsNeededBefore } from './kill-round.ts';
import { ledgerOf } from './ledger.ts';

const everywhere = [...serverPoints, ...workerPoints];
/** A cycle has 510: each point of a server five times or more, of a worker more often. 10,000 are had by `COUNTERSIGN_KILLS`. */
const wanted = Number(process.env['COUNTERSIGN_KILLS'] ?? '500');
/** Two cores are kept busy by four rounds, which wait for leases half of the time. */
const lanes = Number(process.env['COUNTERSIGN_KILL_LANES'] ?? '4');
/** On a machine of its own a second will do; where other tests keep it busy leases of a second run out without any kill. */
const leaseMs = Number(process.env['COUNTERSIGN_LEASE_MS'] ?? '1500');
const leastPerPoint = 5;

/** Points that come by so seldom that the first time is waited for. */
const often = /^(propose|show|plan|claim|intent|outcome|complete|seal|worker|exec):/;

/** Every point once, in an order in which neighbours differ, at another pass in each round. */
function killsAt(points: readonly string[], round: number): Kill[] {
  const stride = [5, 7, 11, 13].find((step) => points.length % step !== 0) ?? 1;
  return points.map((_point, index): Kill => {
    const point = points[(index * stride + round * 3) % points.length] ?? '';
    return { point, pass: often.test(point) ? 1 + ((round + index) % 2) : 1 };
  });
}

interface Share {
  readonly victim: Victim;
  readonly database: 'sqlite' | 'postgres';
  readonly kills: readonly Kill[];
}

/** One cycle kills at each point of a server five times and at each point of a worker more often. */
function cycle(number: number): Share[] {
  const share = (victim: Victim, database: Share['database'], points: readonly string[], round: number): Share => {
    return { victim, database, kills: killsAt(points, 5 * number + round) };
  };
  const ofWorker = killsAt(workerPoints, 5 * number);
  for (let round = 1; round < 11; round += 1) ofWorker.push(...killsAt(workerPoints, 5 * number + round));
  return [
    share('embedded', 'sqlite', everywhere, 0),
    { victim: 'worker', database: 'sqlite', kills: ofWorker },
    share('server', 'postgres', serverPoints, 4),
    share('embedded', 'postgres', everywhere, 1),
    share('server', 'sqlite', serverPoints, 2),
    share('embedded', 'sqlite', everywhere, 3),
    { victim: 'worker', database: 'postgres', kills: ofWorker },
  ];
}

/** Shares are cut so that the lanes end together. */
function cut(share: Share): Share[] {
  const half = Math.ceil(share.kills.length / 2);
  return [share.kills.slice(0, half), share.kills.slice(half)].map((kills) => ({ ...share, kills }));
}

function planned(): Share[] {
  const shares: Share[] = [];
  for (let number = 0, kills = 0; kills < wanted; number += 1) {
    for (const share of cycle(number).flatMap(cut)) {
      if (kills >= wanted) break;
      kills += withWhatIsNeededBefore(share.kills).length;
      shares.push(share);
    }
  }
  return shares;
}

async function play({ victim, database, kills }: Share, entry: string): Promise<Round> {
  if (database === 'sqlite') return await playRound({ victim, kills, entry, leaseMs });
  await using postgres = await createTestDatabase();
  return await playRound({ victim, kills, entry, leaseMs, databaseUrl: postgres.connectionString });
}

it('loses nothing and does nothing twice when processes are killed at every named point (promises 1, 2, 3, 4, 5; DO-12)', async () => {
  const startedAt = performance.now();
  const entry = await bundledEntry();
  const waiting = planned();
  const rounds: Round[] = [];
  const lane = async (): Promise<void> => {
    for (let share = waiting.shift(); share !== undefined; share = waiting.shift()) {
      const round = await play(share, entry);
      rounds.push(round);
      const tookS = Math.round((performance.now() - startedAt) / 1000);
      process.stdout.write(`${tookS} s: ${round.fired.length} kills of ${round.victim} on ${round.database}\n`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));

  process.stdout.write(`${ledgerOf(everywhere, rounds)}\n`);
  const tookS = Math.round((performance.now() - startedAt) / 1000);
  process.stdout.write(
    `${rounds.flatMap(({ fired }) => fired).length} kills in ${tookS} s, ${lanes} rounds at once, leases of ${leaseMs} ms\n`,
  );
  expect(rounds.flatMap(({ fired }) => fired).length).toBeGreaterThanOrEqual(wanted);
  for (const point of everywhere) {
    const hits = rounds
      .flatMap((round) => round.fired.map((kill) => ({ kill, round })))
      .filter(({ kill }) => kill.point === point);
    expect(hits.length, point).toBeGreaterThanOrEqual(wanted < 500 ? 0 : leastPerPoint);
    for (const victim of ['embedded', 'server', 'worker'] as const)
      for (const database of ['sqlite', 'postgres'] as const) {
        const fired = hits.filter(({ round }) => round.victim === victim && round.database === database).length;
        // A round comes here only when its oracle found nothing lost and nothing twice.
        if (fired > 0)
          await reportFault({ fault: 'kill', point: `${point} of ${victim}`, database, fired, lost: 0, twice: 0 });
      }
  }
}, 1_200_000);
