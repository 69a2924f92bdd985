import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { describeMachine, type Machine } from './machine.ts';
import { type Figure, isMet, type Row, ratioOf } from './row.ts';

const file = join(import.meta.dirname, '..', 'results.json');
const Goal = z.object({ of: z.enum(['ratio', 'ours']), bound: z.enum(['at least', 'at most']), value: z.number() });
const SavedFigure = z.object({
  what: z.string(),
  unit: z.string(),
  ours: z.number(),
  peer: z.object({ name: z.string(), value: z.number() }).nullable(),
  ratio: z.number().nullable(),
  goal: Goal.nullable(),
  met: z.boolean().nullable(),
  absent: z.string().optional(),
});
const SavedRow = z.object({
  what: z.string(),
  cited: z.string().optional(),
  /** The commit that was measured. */
  commit: z.string().optional(),
  machine: z.object({
    cpu: z.string(),
    cores: z.number(),
    memoryGb: z.number(),
    node: z.string(),
    platform: z.string(),
    load: z.number(),
    loadAfter: z.number(),
  }),
  figures: z.array(SavedFigure),
});
export type SavedFigure = z.infer<typeof SavedFigure>;
const Results = z.record(z.string(), SavedRow);
export type Results = z.infer<typeof Results>;

/** Rounds to three digits that say something. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

function commitHere(): string {
  return execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { cwd: import.meta.dirname, encoding: 'utf8' }).trim();
}

/** What was measured so far, by row. */
export function readResults(): Results {
  return existsSync(file) ? Results.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
}

/** Puts a row's figures into `bench/results.json`; other rows stay as they were measured. */
export function saveResults(row: Row, figures: readonly Figure[], machine: Machine): void {
  const results = readResults();
  results[row.name] = {
    what: row.what,
    ...(row.cited === undefined ? {} : { cited: row.cited }),
    commit: commitHere(),
    machine: { ...machine, loadAfter: describeMachine().load },
    figures: figures.map((figure) => {
      const ratio = ratioOf(figure);
      return {
        what: figure.what,
        unit: figure.unit,
        ours: rounded(figure.ours),
        peer: figure.peer === null ? null : { name: figure.peer.name, value: rounded(figure.peer.value) },
        ratio: ratio === null ? null : rounded(ratio),
        goal: figure.goal,
        met: isMet(figure),
        ...(figure.absent === undefined ? {} : { absent: figure.absent }),
      };
    }),
  };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
