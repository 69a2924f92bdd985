import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { describeMachine, type Machine } from './machine.ts';
import { type Figure, isMet, type Row, ratioOf } from './row.ts';

const file = join(import.meta.dirname, '..', 'results.json');
const Results = z.record(z.string(), z.unknown());

/** Rounds to three digits that say something. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3));
}

/** Puts a row's figures into `bench/results.json`; other rows stay as they were measured. */
export function saveResults(row: Row, figures: readonly Figure[], machine: Machine): void {
  const results = existsSync(file) ? Results.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
  results[row.name] = {
    what: row.what,
    ...(row.cited === undefined ? {} : { cited: row.cited }),
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
      };
    }),
  };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
}
