import { createHash } from 'node:crypto';

/** What one line of the local audit file says. Intent lines come before the server is asked, outcome lines after. */
export interface LocalEvent {
  readonly phase: 'intent' | 'outcome';
  readonly command: string;
  readonly op_id: string | null;
  readonly bundle_id: string | null;
  /** Digest of the plan that was shown. */
  readonly digest: string | null;
  readonly action: string | null;
  readonly target: string | null;
  /** `asked` in an intent; then the state the server told, or the error code. */
  readonly outcome: string;
  readonly server: string;
}

/** Schema of a line. */
export const localEntrySchema = 'countersign.local-audit.v1';
/** What the first line has as `prev`. */
export const chainStart = `sha256:${'0'.repeat(64)}`;

function digestOf(text: string): string {
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}

/** A line without its newline: JSON whose last member `hash` is the SHA-256 of the same JSON without it. */
export function formatLine(event: LocalEvent, link: { seq: number; prev: string; at: number }): string {
  const { seq, prev, at } = link;
  const body = JSON.stringify({ schema: localEntrySchema, seq, prev, at, ...event });
  return `${body.slice(0, -1)},"hash":"${digestOf(body)}"}`;
}

/** Place of a line in the chain. */
export interface ChainLink {
  readonly seq: number;
  readonly prev: string;
  readonly hash: string;
}

/** Reads a line's place in the chain; null when the line was changed or is no line of this file. */
export function readLink(line: string): ChainLink | null {
  const [, body, hash] = /^(\{.*),"hash":"(sha256:[0-9a-f]{64})"\}$/.exec(line) ?? [];
  if (body === undefined || hash === undefined || digestOf(`${body}}`) !== hash) return null;
  const [, seq, prev] =
    /^\{"schema":"countersign\.local-audit\.v1","seq":(\d+),"prev":"(sha256:[0-9a-f]{64})",/.exec(body) ?? [];
  return seq === undefined || prev === undefined ? null : { seq: Number(seq), prev, hash };
}

/** What checking the chain found. `line` counts from 1. */
export type ChainReport =
  | { readonly ok: true; readonly entries: number; readonly head: string }
  | { readonly ok: false; readonly line: number; readonly reason: string };

/**
 * Checks that every line is unchanged, in order and linked to the one before. What was cut off at the end cannot be
 * seen here: compare `entries` and `head` with what was noted elsewhere, or with the server's audit log.
 */
export function verifyChain(text: string): ChainReport {
  const lines = text.split('\n');
  if (lines.pop() !== '') return { ok: false, line: lines.length + 1, reason: 'the last line is incomplete' };
  let head = chainStart;
  for (const [index, line] of lines.entries()) {
    const link = readLink(line);
    if (link === null) return { ok: false, line: index + 1, reason: 'the line was changed' };
    if (link.seq !== index) return { ok: false, line: index + 1, reason: `expected entry ${index}, found ${link.seq}` };
    if (link.prev !== head) return { ok: false, line: index + 1, reason: 'does not follow the line before it' };
    head = link.hash;
  }
  return { ok: true, entries: lines.length, head };
}
