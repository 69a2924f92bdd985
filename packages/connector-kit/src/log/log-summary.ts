import type { JsonObject } from '@countersign/protocol';
import { type Level, levelOf } from './level.ts';
import type { LogLine } from './log-line.ts';

const topCount = 10;
const shownCharacters = 120;
/** The summary stands in answers of any size, so its variable part is bounded in bytes. */
const maxRepeatedBytes = 2500;
/** More different lines than this are not told apart, so that a log of any size needs bounded memory. */
const maxPatterns = 2000;

/** Lines that differ in numbers and hexadecimal ids only are repetitions of one another. */
function patternOf(text: string): string {
  return text
    .slice(0, shownCharacters)
    .replace(/\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b/gi, '#')
    .replace(/\b(?=[0-9a-f]*\d)[0-9a-f]{7,}\b/gi, '#')
    .replace(/\d+/g, '#');
}

/** Counts what is worth knowing of a log without reading it. */
export class LogSummary {
  private lineCount = 0;
  private readonly channels = { stdout: 0, stderr: 0 };
  private readonly levels: Record<Level, number> = { error: 0, warn: 0, info: 0, debug: 0 };
  private firstAt: string | undefined;
  private lastAt: string | undefined;
  private readonly patterns = new Map<string, { text: string; count: number }>();

  add(line: LogLine): void {
    this.lineCount += 1;
    this.channels[line.channel] += 1;
    const level = levelOf(line.text);
    if (level !== undefined) this.levels[level] += 1;
    this.firstAt ??= line.time;
    this.lastAt = line.time ?? this.lastAt;
    this.countPattern(line.text);
  }

  /** Repeated lines come most frequent first, then by text; `text` is the first of them. */
  toJson(): JsonObject {
    return {
      lines: this.lineCount,
      stdout_lines: this.channels.stdout,
      stderr_lines: this.channels.stderr,
      levels: { ...this.levels },
      first_line_at: this.firstAt ?? null,
      last_line_at: this.lastAt ?? null,
      repeated: this.repeated(),
    };
  }

  private repeated(): { text: string; count: number }[] {
    const top = [...this.patterns.values()]
      .filter(({ count }) => count > 1)
      .sort((left, right) => right.count - left.count || (left.text < right.text ? -1 : 1))
      .slice(0, topCount);
    while (Buffer.byteLength(JSON.stringify(top)) > maxRepeatedBytes) top.pop();
    return top.map(({ text, count }) => ({ text, count }));
  }

  private countPattern(text: string): void {
    if (text.trim() === '') return;
    const pattern = patternOf(text);
    const seen = this.patterns.get(pattern);
    if (seen !== undefined) seen.count += 1;
    else if (this.patterns.size < maxPatterns)
      this.patterns.set(pattern, { text: text.slice(0, shownCharacters), count: 1 });
  }
}
