import { english } from './english.ts';
import type { Guard, Lexicon } from './lexicon.ts';
import { spanish } from './spanish.ts';

/** What a word or phrase may mean. One phrase may mean several things; the grammar that reads it decides. */
export type Meaning =
  | { readonly kind: 'verb' | 'noun'; readonly concept: string }
  | { readonly kind: 'guard'; readonly guard: Guard }
  | { readonly kind: 'tier'; readonly tier: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'unit'; readonly unit: string }
  | { readonly kind: 'place' | 'glue' | 'polite' | 'descriptor' | 'vague' | 'pronoun' | 'and' | 'next' };

export interface Entry {
  readonly words: readonly string[];
  readonly meaning: Meaning;
}

const lexicons: readonly Lexicon[] = [english, spanish];
const split = (phrases: string): string[] => phrases.split('|');

function* entriesOf(lexicon: Lexicon): Generator<[string, Meaning]> {
  for (const kind of ['verb', 'noun'] as const) {
    const concepts = kind === 'verb' ? lexicon.verbs : lexicon.nouns;
    for (const [concept, phrases] of Object.entries(concepts)) {
      for (const phrase of split(phrases)) yield [phrase, { kind, concept }];
    }
  }
  for (const guard of guards) {
    for (const phrase of split(lexicon.guards[guard])) yield [phrase, { kind: 'guard', guard }];
  }
  for (const tier of ['dev', 'stage', 'prod'] as const) {
    for (const phrase of split(lexicon.tiers[tier])) yield [phrase, { kind: 'tier', tier }];
  }
  for (const unit of ['s', 'm', 'h', 'd'] as const) {
    for (const phrase of split(lexicon.units[unit])) yield [phrase, { kind: 'unit', unit }];
  }
  for (const [word, value] of Object.entries(lexicon.numbers)) yield [word, { kind: 'number', value }];
  const plain: readonly [string, 'place' | 'glue' | 'polite' | 'descriptor' | 'vague' | 'pronoun' | 'and' | 'next'][] =
    [
      [lexicon.places, 'place'],
      [lexicon.glue, 'glue'],
      [lexicon.polite, 'polite'],
      [lexicon.descriptors, 'descriptor'],
      [lexicon.vague, 'vague'],
      [lexicon.pronouns, 'pronoun'],
      [lexicon.and, 'and'],
      [lexicon.next, 'next'],
    ];
  for (const [phrases, kind] of plain) for (const phrase of split(phrases)) yield [phrase, { kind }];
}

const guards: readonly Guard[] = ['negated', 'everything', 'conditional', 'scheduled', 'bypass', 'question', 'either'];

/** Every phrase of every language, longest first, by its first word. */
const byFirstWord: ReadonlyMap<string, readonly Entry[]> = (() => {
  const found = new Map<string, Entry[]>();
  for (const lexicon of lexicons) {
    for (const [phrase, meaning] of entriesOf(lexicon)) {
      const words = phrase.split(' ');
      const first = words[0] ?? '';
      found.set(first, [...(found.get(first) ?? []), { words, meaning }]);
    }
  }
  for (const list of found.values()) list.sort((a, b) => b.words.length - a.words.length);
  return found;
})();

/** The phrases that begin with a word. */
export function entriesFrom(word: string): readonly Entry[] {
  return byFirstWord.get(word) ?? [];
}

/** Every single word of the lexicons. */
export const words: ReadonlySet<string> = new Set(
  [...byFirstWord.values()].flatMap((list) => list.flatMap((entry) => entry.words)),
);

/** The ways to say a concept in all languages; the word itself where no lexicon knows it. */
export function synonymsOf(kind: 'verbs' | 'nouns', concept: string): readonly string[] {
  const known = lexicons.flatMap((lexicon) => {
    const phrases = lexicon[kind][concept];
    return phrases === undefined ? [] : split(phrases);
  });
  return known.length === 0 ? [concept] : known;
}

/** The concept that a word stands for; the word itself where no lexicon knows it. */
export function conceptOf(kind: 'verb' | 'noun', word: string): string {
  for (const { words: phrase, meaning } of entriesFrom(word)) {
    if (phrase.length === 1 && meaning.kind === kind) return meaning.concept;
  }
  return word;
}
