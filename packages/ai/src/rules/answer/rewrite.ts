import type { Tagged } from '../parse/tagged.ts';

/** The prompt with one token replaced. */
export function replaceToken(prompt: string, token: Tagged, by: string): string {
  return `${prompt.slice(0, token.start)}${by}${prompt.slice(token.end)}`;
}

/** The prompt with words added where a sentence part ends. */
export function addAfter(prompt: string, tokens: readonly Tagged[], words: string): string {
  const end = tokens.findLast(({ kind }) => kind !== 'pause' && kind !== 'stop')?.end ?? prompt.length;
  return `${prompt.slice(0, end)} ${words}${prompt.slice(end)}`;
}
