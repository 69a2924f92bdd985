import { reportFault } from '@countersign/testing';

/** What was killed where, how often, and what held afterwards. */
export interface Kills {
  readonly points: readonly string[];
  readonly of: 'server' | 'restore';
  readonly times: number;
  readonly held: string;
}

/** The end of a test that kills at points apart: it comes here only when nothing was lost and nothing happened twice. */
export async function reportKills({ points, of, times, held }: Kills): Promise<void> {
  for (const point of points)
    await reportFault({
      fault: 'kill',
      point: `${point} of ${of}`,
      database: 'sqlite',
      fired: times,
      lost: 0,
      twice: 0,
      held,
    });
}
