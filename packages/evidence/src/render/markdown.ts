import { type Json, JsonValue, readJson } from '@countersign/protocol';
import { canonicalJson } from '../canonical/canonical.ts';
import { visible, visibleLine } from './visible.ts';

function longestRun(text: string, letter: string): number {
  let longest = 0;
  let run = 0;
  for (const each of text) {
    run = each === letter ? run + 1 : 0;
    longest = Math.max(longest, run);
  }
  return longest;
}

/** Untrusted text as a code span on one line, which no character in it can close. */
export function codeSpan(text: string): string {
  if (text === '') return '(empty)';
  const shown = visibleLine(text);
  const ticks = '`'.repeat(longestRun(shown, '`') + 1);
  const pad = /^[` ]|[` ]$/.test(shown) ? ' ' : '';
  return `${ticks}${pad}${shown}${pad}${ticks}`;
}

/** Untrusted text as a fenced block, which no line in it can close; a missing last newline is said below it. */
export function codeBlock(text: string, language: string): string {
  if (text === '') return '(empty)\n';
  const shown = visible(text);
  const fence = '`'.repeat(Math.max(3, longestRun(shown, '`') + 1));
  const ends = shown.endsWith('\n');
  return `${fence}${language}\n${shown}${ends ? '' : '\n'}${fence}\n${ends ? '' : '\n(no newline at the end)\n'}`;
}

/** JSON in a fenced block, members sorted, one a line. */
export function jsonBlock(value: Json): string {
  const sorted = JsonValue.parse(readJson(canonicalJson(value)));
  return codeBlock(`${JSON.stringify(sorted, null, 2)}\n`, 'json');
}
