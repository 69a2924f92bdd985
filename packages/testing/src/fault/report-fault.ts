import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

/** What a fault test saw at one point: how often the fault fired, and what the oracle counted afterwards. */
export const faultRow = z.strictObject({
  /** The row of the fault table, as in `test/fault/fault-table.ts`: `kill`, `nth-store-call`, `wal-cut`. */
  fault: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  /** Where it struck: a named crash point, a call, a statement, a volume. */
  point: z.string().min(1),
  /** On which database; left out where none is concerned. */
  database: z.enum(['sqlite', 'postgres']).optional(),
  /** How often the fault truly happened; never 0. */
  fired: z.int().positive(),
  /** Acknowledged changes that were gone afterwards. */
  lost: z.int().nonnegative(),
  /** Effects that were had more than once. */
  twice: z.int().nonnegative(),
  /** What held beyond that, in a few words. */
  held: z.string().optional(),
});
export type FaultRow = z.infer<typeof faultRow>;

const repositoryRoot = join(import.meta.dirname, '../../../..');
/** Where fault tests leave their rows; `npm run reliability` makes the tables of `docs/reliability.md` from them. */
export const faultReportFolder = join(repositoryRoot, '.cache/faults');

/**
 * Keeps a row for the fault table. A fault test that ends without a row, or in which the fault never fired, has shown
 * nothing, so `fired: 0` throws. One file a point and database: its last run counts.
 */
export async function reportFault(row: FaultRow): Promise<void> {
  const kept = faultRow.parse(row);
  const folder = join(faultReportFolder, kept.fault);
  await mkdir(folder, { recursive: true });
  const name = createHash('sha256')
    .update(`${kept.database ?? ''} ${kept.point}`)
    .digest('hex')
    .slice(0, 16);
  await writeFile(join(folder, `${name}.json`), `${JSON.stringify(kept)}\n`);
}
