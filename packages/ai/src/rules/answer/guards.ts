import type { Guard } from '../lexicon/lexicon.ts';
import { phrasesAt, type Tagged } from '../parse/tagged.ts';
import { type Abstention, question, refusal } from './answer.ts';
import { guardOrder } from './reasons.ts';

const clockTime = /^\d{1,2}(?::\d\d)?(?:am|pm|h)$|^\d{1,2}:\d\d$/;
const duration = /^(?:\d{1,9}[dhms])+$/;

/** The guards among tokens; a time that no input took asks for another time than now. */
export function guardsIn(tokens: readonly Tagged[], only: ReadonlySet<number>): Set<Guard> {
  const found = new Set<Guard>();
  for (const [at, token] of tokens.entries()) {
    if (!only.has(token.index)) continue;
    const phrases = phrasesAt(tokens, at);
    for (const { meaning } of phrases) if (meaning.kind === 'guard') found.add(meaning.guard);
    const isUnit = phrases.some(({ meaning }) => meaning.kind === 'unit') && tokens[at - 1]?.kind === 'number';
    if (isUnit || clockTime.test(token.folded) || (token.kind === 'word' && duration.test(token.folded)))
      found.add('scheduled');
  }
  return found;
}

/** What a guard turns the answer into; null without one. */
export function answerGuards(found: ReadonlySet<Guard>, intent: string): Abstention | null {
  const guard = guardOrder.find((one) => found.has(one));
  if (guard === undefined) return null;
  if (guard === 'either') return question(intent, 'It leaves open which of several is meant. Which one?', []);
  return refusal(guard);
}
