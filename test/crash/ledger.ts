import type { Round } from './kill-round.ts';

const victims = ['embedded', 'server', 'worker'] as const;

/** The kill ledger as text: hits per point and process, then what each round came to. */
export function ledgerOf(points: readonly string[], rounds: readonly Round[]): string {
  const width = Math.max(...points.map((point) => point.length)) + 2;
  const row = (name: string, cells: readonly (string | number)[]): string =>
    `${name.padEnd(width)}${cells.map((cell) => String(cell).padStart(9)).join('')}`;
  const lines = points.map((point) => {
    const counts = victims.map(
      (victim) =>
        rounds
          .filter((round) => round.victim === victim)
          .flatMap((round) => round.fired)
          .filter((kill) => kill.point === point).length,
    );
    return row(point, [...counts, counts.reduce((sum, count) => sum + count, 0)]);
  });
  const ends = rounds.map(
    ({ victim, database, fired, elsewhere, judgement }) =>
      `${victim} on ${database}: ${fired.length} kills (and ${elsewhere} elsewhere), 0 lost, 0 twice: ${JSON.stringify(judgement)}`,
  );
  return [row('point', [...victims, 'kills']), ...lines, ...ends].join('\n');
}
