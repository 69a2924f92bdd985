import type { ByteText } from './patch.ts';

/** Why a patch cannot be taken, at a line counted from 1. Thrown within the parser only. */
export class PatchProblem extends Error {
  readonly line: number;
  constructor(line: number, problem: string) {
    super(problem);
    this.line = line;
  }
}

/** The lines of a patch with a place in them. */
export class PatchLines {
  readonly #lines: readonly ByteText[];
  #at = 0;

  constructor(bytes: Uint8Array) {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
    const lines = text.split('\n');
    if (lines.at(-1) === '') lines.pop();
    this.#lines = lines;
  }

  /** The line at the place, or `ahead` lines after it; undefined past the end. */
  peek(ahead = 0): ByteText | undefined {
    return this.#lines[this.#at + ahead];
  }

  /** Goes on by one line and answers the one that was left. */
  take(): ByteText {
    const line = this.peek();
    if (line === undefined) throw this.problem('the patch ends too early');
    this.#at += 1;
    return line;
  }

  /** A problem at the place, or so many lines before it. */
  problem(what: string, back = 0): PatchProblem {
    return new PatchProblem(Math.max(1, this.#at + 1 - back), what);
  }
}
