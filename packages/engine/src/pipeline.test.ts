import { verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { advanceCheckpoint } from './audit/sign-checkpoint.ts';
import { anchorBundles } from './evidence/anchor-bundle.ts';
import { checkRows } from './fixture/check-rows.ts';
import { checkUnit } from './fixture/check-units.ts';
import { type Command, commandSequences } from './fixture/command.ts';
import { defaultDecider } from './fixture/default-decider.ts';
import { doCommand } from './fixture/do-command.ts';
import { type EngineBench, openEngineBench } from './fixture/engine-bench.ts';
import { steppedUp } from './fixture/people.ts';
import { recordUnits, type UnitRecord } from './fixture/recording-store.ts';
import { Session, targetsOf } from './fixture/session.ts';
import { readTrust } from './key/read-trust.ts';
import { setPanic } from './setting/panic.ts';
import { sealPending } from './sweep/sweeper.ts';

const deciders = [defaultDecider('standard'), defaultDecider('solo')];
const seed = Number(
  process.env['COUNTERSIGN_SEED'] ?? Math.floor(performance.timeOrigin + performance.now()) % 2 ** 31,
);
const sequences = Number(process.env['COUNTERSIGN_SEQUENCES'] ?? 300);

interface Tally {
  readonly moves: Set<string>;
  readonly answers: Map<string, number>;
  commands: number;
  bundles: number;
  sessions: number;
}

async function checkBundles(session: Session, tally: Tally): Promise<void> {
  const { context } = session;
  await sealPending(context, 'server');
  await advanceCheckpoint(context);
  await anchorBundles(context, (what, error) => {
    throw new Error(what, { cause: error });
  });
  for (const opId of session.operations) {
    const { record, files } = await context.store.read(async (reads) => {
      const found = await reads.evidence.byOperation(opId);
      return { record: found, files: found === null ? [] : await reads.evidence.files(found.bundleId) };
    });
    if (record === null || record.state === 'open') continue;
    const bundle = new Map(files.map(({ path, content }) => [path, content]));
    const report = await verifyBundle(
      bundle,
      await context.store.read((reads) => readTrust(reads, 'test')),
      nodeVerifyCrypto,
    );
    expect(report.findings.filter((finding) => finding.state !== 'pass')).toEqual([]);
    tally.bundles += 1;
  }
}

async function play(bench: EngineBench, commands: readonly Command[], solo: boolean, tally: Tally): Promise<void> {
  tally.sessions += 1;
  const units: UnitRecord[] = [];
  const targets = targetsOf(tally.sessions);
  const decider = deciders[solo ? 1 : 0] ?? defaultDecider('standard');
  const store = recordUnits(bench.store, (unit) => units.push(unit));
  const session = new Session(bench, bench.context(decider, targets, store), targets);
  await setPanic(session.context, steppedUp(session.context, 'carol'), false, 'begin');
  await session.register();
  const reads = new Set<string>();
  for (const [index, command] of commands.entries()) {
    units.length = 0;
    try {
      await doCommand(session, command);
      for (const unit of units) checkUnit(unit, reads, tally.moves);
      for (const opId of session.operations) await checkRows(session, opId);
    } catch (cause) {
      throw new Error(`command ${index}, ${JSON.stringify(command)}: ${String(cause)}`, { cause });
    }
  }
  await checkBundles(session, tally);
  tally.commands += commands.length;
  for (const [answer, count] of session.refusals) tally.answers.set(answer, (tally.answers.get(answer) ?? 0) + count);
}

it(`keeps its promises in ${sequences} random sequences of commands (COUNTERSIGN_SEED=${seed})`, {
  timeout: 300_000,
}, async () => {
  await using bench = await openEngineBench();
  const tally: Tally = { moves: new Set(), answers: new Map(), commands: 0, bundles: 0, sessions: 0 };
  const property = fc.asyncProperty(commandSequences, fc.boolean(), (commands, solo) =>
    play(bench, commands, solo, tally),
  );
  await fc.assert(property, {
    seed,
    numRuns: sequences,
    endOnFailure: process.env['COUNTERSIGN_SHRINK'] === undefined,
  });
  const answers = [...tally.answers]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([answer, count]) => `${answer} ${count}`);
  console.log(
    `${tally.commands} commands, ${tally.bundles} bundles verified; ${answers.join(', ')}\n${[...tally.moves].sort().join('\n')}`,
  );
  expect(tally.bundles).toBeGreaterThan(sequences / 4);
});
