import { expect, it } from 'vitest';
import { serverPoints, workerPoints } from './crash-points.ts';
import { type Kill, playRound, type Round } from './kill-round.ts';

const everywhere = [...serverPoints, ...workerPoints];

/** Every point once, in an order in which neighbours differ, at another pass in each round. */
function killsAt(points: readonly string[], round: number): Kill[] {
  return points.map((_point, index): Kill => {
    const place = (index * 5 + round * 3) % points.length;
    return { point: points[place] ?? '', pass: (round + place) % 3 === 0 ? 2 : 1 };
  });
}

/** A round comes here only when its oracle found nothing lost and nothing twice. */
function ledgerOf(rounds: readonly Round[]): string {
  const lines = everywhere.map((point) => {
    const counts = (['embedded', 'server', 'worker'] as const).map((victim) => {
      const fired = rounds.filter((round) => round.victim === victim).flatMap((round) => round.fired);
      return fired.filter((kill) => kill.point === point).length;
    });
    const total = counts.reduce((sum, count) => sum + count, 0);
    return `${point.padEnd(24)}${[...counts, total].map((count) => String(count).padStart(9)).join('')}`;
  });
  const head = ['embedded', 'server', 'worker', 'kills'].map((name) => name.padStart(9)).join('');
  const ends = rounds.map(
    ({ victim, fired, judgement }) => `${victim}: ${fired.length} kills, 0 lost, 0 twice: ${JSON.stringify(judgement)}`,
  );
  return [`${'point'.padEnd(24)}${head}`, ...lines, ...ends].join('\n');
}

async function inTurn(rounds: readonly (() => Promise<Round>)[]): Promise<Round[]> {
  const played: Round[] = [];
  for (const play of rounds) played.push(await play());
  return played;
}

it('loses nothing and does nothing twice when processes are killed at every named point (promises 1, 2, 3, 4, 5; DO-12)', async () => {
  // Two at a time: with more, leases of a second run out on two cores without any kill.
  const lanes = await Promise.all([
    inTurn([
      () => playRound('embedded', killsAt(everywhere, 0)),
      () => playRound('server', killsAt(serverPoints, 0)),
      () => playRound('server', killsAt(serverPoints, 1)),
    ]),
    inTurn([
      () => playRound('embedded', killsAt(everywhere, 1)),
      () => playRound('server', killsAt(serverPoints, 2)),
      () =>
        playRound(
          'worker',
          [0, 1, 2].flatMap((round) => killsAt(workerPoints, round)),
        ),
    ]),
  ]);
  const rounds = lanes.flat();
  const fired = rounds.flatMap((round) => round.fired);
  expect(fired.length).toBeGreaterThanOrEqual(100);
  for (const point of everywhere)
    expect(fired.filter((kill) => kill.point === point).length, point).toBeGreaterThanOrEqual(5);
  process.stdout.write(`${ledgerOf(rounds)}\n`);
}, 600_000);
