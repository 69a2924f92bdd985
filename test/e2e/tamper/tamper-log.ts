import { checkpointOrigin, leafHash, merkleRoot, type Signer, signCheckpoint, utf8 } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import type { Random } from './random.ts';

/** A log as an attacker hands it over: its lines, and the checkpoint that is said to cover them. */
export interface HandedLog {
  readonly lines: readonly string[];
  readonly note: string;
}
/** What a tamperer works with. `own` is the installation's key, for whoever broke into the server itself. */
export interface LogBench {
  readonly random: Random;
  readonly installation: string;
  readonly log: HandedLog;
  /** Genuine checkpoints of other sizes, oldest first. */
  readonly notes: readonly string[];
  readonly foreign: Signer;
  readonly own: Signer;
}
type Tamper = (bench: LogBench) => HandedLog;

function noteOver({ installation }: LogBench, lines: readonly string[], signer: Signer): string {
  const leaves = lines.map((line) => leafHash(utf8(line), nodeSha256));
  const root = merkleRoot(leaves, nodeSha256);
  return signCheckpoint({ origin: checkpointOrigin(installation), size: lines.length, root }, signer, nodeSha256);
}

function flipped(line: string, random: Random): string {
  const bytes = Buffer.from(line);
  const at = random.below(bytes.length);
  // Never into a newline: that would be an insertion.
  const bit = [0, 1, 2, 3, 4, 5, 6, 7].filter((each) => ((bytes[at] ?? 0) ^ (1 << each)) !== 10);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << random.pick(bit));
  return bytes.toString('latin1');
}

function changedLines({ log: { lines }, random }: LogBench): readonly string[] {
  const at = random.below(lines.length);
  return random.below(2) === 0 ? lines.toSpliced(at, 1) : lines.with(at, `${lines[at]} `);
}

const keep =
  (lines: (bench: LogBench) => readonly string[]): Tamper =>
  (bench) => ({ ...bench.log, lines: lines(bench) });

/** Every way in which a log is tampered with. */
export const logTampers: Readonly<Record<string, Tamper>> = {
  flip: keep(({ log: { lines }, random }) => {
    const at = random.below(lines.length);
    return lines.with(at, flipped(lines[at] ?? '', random));
  }),
  drop: keep(({ log: { lines }, random }) => lines.toSpliced(random.below(lines.length), 1)),
  swap: keep(({ log: { lines }, random }) => {
    const [left, right] = [random.below(lines.length), random.below(lines.length)];
    return lines.with(left, lines[right] ?? '').with(right, lines[left] ?? '');
  }),
  duplicate: keep(({ log: { lines }, random }) => {
    const at = random.below(lines.length);
    return lines.toSpliced(at, 0, lines[at] ?? '');
  }),
  truncate: keep(({ log: { lines }, random }) => lines.slice(0, random.below(lines.length))),
  insert: keep(({ log: { lines }, random }) =>
    lines.toSpliced(random.below(lines.length), 0, random.pick(lines).replace('"ok"', '"failed"')),
  ),
  'rolled back to an older head': (bench) => {
    const note = bench.random.pick(bench.notes.slice(0, -1));
    return { lines: bench.log.lines.slice(0, Number(note.split('\n')[1])), note };
  },
  'signature of another checkpoint': (bench) => {
    const [text] = bench.log.note.split('\n\n');
    const [, signature] = bench.random.pick(bench.notes.slice(0, -1)).split('\n\n');
    return { ...bench.log, note: `${text}\n\n${signature}` };
  },
  'rewritten whole, signed by a foreign key': (bench) => {
    const lines = changedLines(bench);
    return { lines, note: noteOver(bench, lines, bench.foreign) };
  },
  'rewritten whole, signed by the own key': (bench) => {
    const lines = changedLines(bench);
    return { lines, note: noteOver(bench, lines, bench.own) };
  },
};

/** A log tampered with in one way; never one that came out as it was. */
export function tamperLog(kind: string, bench: LogBench): HandedLog {
  const tamper = logTampers[kind];
  if (tamper === undefined) throw new RangeError(`no tamper ${kind}`);
  for (let tries = 0; tries < 100; tries += 1) {
    const changed = tamper(bench);
    if (changed.note !== bench.log.note || changed.lines.join('\n') !== bench.log.lines.join('\n')) return changed;
  }
  throw new Error(`${kind} changes nothing`);
}
