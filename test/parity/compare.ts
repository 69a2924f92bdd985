import { generateSigningKey } from '@countersign/evidence/node';
import { differenceOf } from './dump.ts';
import { type ParitySequence, sequenceOf } from './parity-command.ts';
import { Player, postgresSide, sqliteSide } from './side.ts';

const signingKey = generateSigningKey();

/** What a batch came to. */
export interface Compared {
  readonly sequences: number;
  readonly commands: number;
  readonly answers: number;
  readonly rows: number;
  readonly tables: number;
  readonly leaves: number;
}

/** How two databases differ. */
export class Disparity extends Error {}

function firstDifference(left: readonly string[], right: readonly string[]): string | null {
  const at = left.findIndex((answer, index) => answer !== right[index]);
  if (at === -1) return left.length === right.length ? null : `${left.length} and ${right.length} answers`;
  return `answer ${at}\n${left[at]}\n${right[at]}`;
}

/** Plays sequences on an empty SQLite file and an empty Postgres database; throws Disparity when they do not agree in everything. */
export async function compareSequences(sequences: readonly ParitySequence[]): Promise<Compared> {
  await using sqlite = await sqliteSide(signingKey);
  await using postgres = await postgresSide(signingKey);
  const [left, right] = [new Player(sqlite), new Player(postgres)];
  let answers = 0;
  for (const [index, sequence] of sequences.entries()) {
    const [one, other] = await Promise.all([left.play(index, sequence), right.play(index, sequence)]);
    const difference = firstDifference(one, other);
    if (difference !== null) throw new Disparity(`sequence ${index} is answered differently: ${difference}`);
    answers += one.length;
  }
  // The head of both trees is signed at the same instant: its root, frontier and note are rows to compare.
  for (const player of [left, right]) await player.play(sequences.length, headOnly);
  const [one, other] = await Promise.all([sqlite.dump(), postgres.dump()]);
  const difference = differenceOf(one, other);
  if (difference !== null) throw new Disparity(difference);
  if ((one.get('checkpoint')?.length ?? 0) === 0) throw new Error('no checkpoint was signed');
  return {
    sequences: sequences.length,
    commands: sequences.reduce((sum, { commands }) => sum + commands.length, 0),
    answers,
    rows: [...one.values()].reduce((sum, rows) => sum + rows.length, 0),
    tables: [...one.values()].filter((rows) => rows.length > 0).length,
    leaves: one.get('audit')?.length ?? 0,
  };
}

const headOnly: ParitySequence = {
  solo: false,
  commands: [{ kind: 'engine', command: { kind: 'seal' } }, { kind: 'checkpoint' }, { kind: 'anchor' }],
};

/** The same for the sequences of `count` seeds from `from` on; a disparity names the seed that shows it alone, where one does. */
export async function compareSeeds(from: number, count: number): Promise<Compared> {
  const seeds = Array.from({ length: count }, (_, index) => from + index);
  try {
    return await compareSequences(seeds.map(sequenceOf));
  } catch (cause) {
    for (const seed of seeds) {
      try {
        await compareSequences([sequenceOf(seed)]);
      } catch (alone) {
        throw new Error(`COUNTERSIGN_SEED=${seed}: ${String(alone)}`, { cause: alone });
      }
    }
    throw new Error(`seeds ${from} to ${from + count - 1}, only together: ${String(cause)}`, { cause });
  }
}
