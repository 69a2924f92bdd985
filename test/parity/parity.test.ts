import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { reportFault } from '@countersign/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { type Compared, compareSeeds, compareSequences } from './compare.ts';
import { paritySequences } from './parity-command.ts';

const { env } = process;
const seed = Number(env['COUNTERSIGN_SEED'] ?? Math.floor(performance.timeOrigin) % 2 ** 30);
const wanted = Number(env['COUNTERSIGN_PARITY'] ?? 1000);
const perBatch = 500;
/** A long run goes on from here: its first seed, and how far it came. */
const checkpoint = env['COUNTERSIGN_PARITY_STATE'];
const turnMs = Number(env['COUNTERSIGN_PARITY_TURN_MS'] ?? Number.POSITIVE_INFINITY);

const Progress = z.object({
  seed: z.int(),
  sequences: z.int(),
  commands: z.int(),
  answers: z.int(),
  rows: z.int(),
  leaves: z.int(),
  tables: z.int(),
  cpuSeconds: z.number(),
});
type Progress = z.infer<typeof Progress>;

const empty: Progress = { seed, sequences: 0, commands: 0, answers: 0, rows: 0, leaves: 0, tables: 0, cpuSeconds: 0 };

function begin(): Progress {
  if (checkpoint === undefined || !existsSync(checkpoint)) return empty;
  return Progress.parse(JSON.parse(readFileSync(checkpoint, 'utf8')));
}

function add(progress: Progress, batch: Compared, cpuSeconds: number): Progress {
  const next = {
    seed: progress.seed,
    sequences: progress.sequences + batch.sequences,
    commands: progress.commands + batch.commands,
    answers: progress.answers + batch.answers,
    rows: progress.rows + batch.rows,
    leaves: progress.leaves + batch.leaves,
    tables: Math.max(progress.tables, batch.tables),
    cpuSeconds: progress.cpuSeconds + cpuSeconds,
  };
  if (checkpoint !== undefined) {
    mkdirSync(dirname(checkpoint), { recursive: true });
    writeFileSync(checkpoint, JSON.stringify(next));
  }
  return next;
}

test(`${wanted} random sequences leave SQLite and Postgres in the same state (COUNTERSIGN_SEED=${seed}) [postgres]`, {
  timeout: 3_600_000,
}, async () => {
  let progress = begin();
  const until = performance.now() + turnMs;
  while (progress.sequences < wanted && performance.now() < until) {
    const before = process.cpuUsage();
    const count = Math.min(perBatch, wanted - progress.sequences);
    const batch = await compareSeeds(progress.seed + progress.sequences, count);
    const { user, system } = process.cpuUsage(before);
    progress = add(progress, batch, (user + system) / 1e6);
  }
  console.log(JSON.stringify(progress));
  expect(progress.sequences).toBeGreaterThan(0);
  await reportFault({
    fault: 'parity',
    point: 'random command sequences on SQLite and Postgres',
    fired: progress.sequences,
    lost: 0,
    twice: 0,
    held: `${progress.commands} commands, ${progress.answers} answers, ${progress.rows} rows in ${progress.tables} tables, ${progress.leaves} audit leaves and every tree head equal`,
  });
});

test.skipIf(env['COUNTERSIGN_SHRINK'] === undefined)(
  'shrinks the sequence of COUNTERSIGN_SEED [postgres]',
  async () => {
    const property = fc.asyncProperty(paritySequences, async (sequence) => {
      await compareSequences([sequence]);
    });
    await fc.assert(property, { seed, numRuns: 1 });
  },
);
