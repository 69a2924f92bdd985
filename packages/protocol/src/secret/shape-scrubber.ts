import { type SecretSpan, secretSpans } from './find-secrets.ts';
import { scrubMark } from './scrub-mark.ts';
import type { StreamScrubber } from './scrubber.ts';

const begin = /-----BEGIN (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY-----/;
const end = /-----END (?:[A-Z0-9]{1,16} ){0,4}PRIVATE KEY-----/;
const hunkHeader = /^@@ /;
const keyLine = /^[-+ ]?\s*(?:[A-Za-z0-9+/=]{1,76}|\[secret\])\s*$/;
/** A key block that is never closed hides this many characters and no more. */
const longestBlock = 16_384;
/** What a line without end holds back, and what of it stays for a credential that is not complete yet. */
const longestHeld = 16_384;
const keptBack = 2048;

/** Hides a line, but for the sign that a diff puts before it and its indentation. */
function hidden(line: string): string {
  const [lead = ''] = /^[-+ ]?\s*/.exec(line) ?? [];
  return lead.length === line.length ? line : lead + scrubMark;
}

function withoutSpans(text: string): string {
  const spans = secretSpans(text).sort((a, b) => a.from - b.from || b.to - a.to);
  let shown = '';
  let at = 0;
  for (const { from, to } of spans) {
    if (from >= at) shown += text.slice(at, from) + scrubMark;
    at = Math.max(at, to);
  }
  return shown + text.slice(at);
}

/** Takes a text line by line. A private key hides all lines from its first to its last, one by one: hunks of a diff keep their counts. */
class LineScrubber {
  #left = 0;

  get inBlock(): boolean {
    return this.#left > 0;
  }

  line(line: string): string {
    if (hunkHeader.test(line)) this.#left = 0;
    let shown = '';
    let rest = line;
    for (;;) {
      if (this.#left > 0) {
        const closed = end.exec(rest);
        if (closed === null) {
          this.#left -= rest.length + 1;
          return shown + hidden(rest);
        }
        shown += hidden(rest.slice(0, closed.index)) + closed[0];
        rest = rest.slice(closed.index + closed[0].length);
        this.#left = 0;
      }
      const opened = begin.exec(rest);
      if (opened === null) return shown + withoutSpans(rest);
      shown += withoutSpans(rest.slice(0, opened.index)) + opened[0];
      rest = rest.slice(opened.index + opened[0].length);
      this.#left = longestBlock;
    }
  }
}

/** The lines of a key whose first line is not in the text, as in a diff that begins inside it. */
function hideBackwards(lines: string[]): void {
  for (let index = lines.length - 1; index >= 0 && keyLine.test(lines[index] ?? ''); index -= 1)
    lines[index] = hidden(lines[index] ?? '');
}

/** Removes what has the shape of a known credential; as many lines come out as went in. */
export function scrubShapes(text: string): string {
  const scrubber = new LineScrubber();
  const shown: string[] = [];
  for (const line of text.split('\n')) {
    if (!scrubber.inBlock && end.test(line) && !begin.test(line)) hideBackwards(shown);
    shown.push(scrubber.line(line));
  }
  return shown.join('\n');
}

/** Where a line that is too long to be held may be cut: not within a credential or the mark of a key. */
function cutOf(text: string): number {
  const marks: SecretSpan[] = [begin, end].flatMap((mark) =>
    [...text.matchAll(new RegExp(mark, 'g'))].map(({ 0: found, index }) => ({
      start: index,
      from: index,
      to: index + found.length,
    })),
  );
  let cut = text.length - keptBack;
  const spans = [...marks, ...secretSpans(text)];
  for (;;) {
    const within = spans.find((span) => span.start < cut && cut < span.to);
    if (within === undefined) return cut;
    if (within.start === 0) return within.to;
    cut = within.start;
  }
}

/** `scrubShapes` for a text that comes in chunks: lines leave when they are complete, or 16 KB long. */
export function shapeStream(): StreamScrubber {
  const scrubber = new LineScrubber();
  let pending = '';
  return {
    push(chunk) {
      const lines = (pending + chunk).split('\n');
      pending = lines.pop() ?? '';
      let shown = lines.map((line) => `${scrubber.line(line)}\n`).join('');
      while (pending.length > longestHeld) {
        const cut = cutOf(pending);
        shown += scrubber.line(pending.slice(0, cut));
        pending = pending.slice(cut);
      }
      return shown;
    },
    end() {
      const shown = scrubber.line(pending);
      pending = '';
      return shown;
    },
  };
}
