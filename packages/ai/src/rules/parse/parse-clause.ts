import type { Json, JsonObject } from '@countersign/protocol';
import { type ActionGrammar, generalVerbs } from '../grammar/action-grammar.ts';
import type { Phrase } from '../grammar/phrase.ts';
import type { World } from '../names/world.ts';
import { entityNames } from './entity-names.ts';
import { fillFromTokens } from './fill-inputs.ts';
import { leftoversOf } from './leftovers.ts';
import { matchPhrase, type PhraseMatch } from './match-phrase.ts';
import { type PlaceMention, placeAt } from './places.ts';
import { isWord, type Tagged } from './tagged.ts';

/** One sentence part read as one action. */
export interface ClauseParse {
  readonly grammar: ActionGrammar;
  readonly tokens: readonly Tagged[];
  /** How surely the words ask for this action; 0 where they do not. */
  readonly cue: number;
  /** Whether the action is the one of the part before, as this part names none. */
  readonly inherited: boolean;
  readonly inputs: JsonObject;
  readonly names: readonly Tagged[];
  readonly places: readonly PlaceMention[];
  /** Tokens that this reading does not explain. */
  readonly leftovers: readonly Tagged[];
  /** Stand where a name should: `something`, `it`. */
  readonly vague: readonly Tagged[];
  readonly pronouns: readonly Tagged[];
  /** Required inputs that were not said. */
  readonly missing: readonly string[];
  readonly corrected: number;
}

/** What a reading has taken so far. */
export interface Reading {
  readonly grammar: ActionGrammar;
  readonly used: Set<number>;
  readonly inputs: Map<string, Json>;
  /** Values for properties inside of an input, by `input.property`. */
  readonly nested: Map<string, Json>;
  readonly verbs: Set<string>;
}

const free = (tokens: readonly Tagged[], used: ReadonlySet<number>) => tokens.filter(({ index }) => !used.has(index));

/** Whether a match says something anew; two values for one input leave the second one unexplained. */
function take(reading: Reading, match: PhraseMatch): boolean {
  const { inputs, nested, used } = reading;
  const clashes = match.said.some(({ input, value }) => {
    const known = inputs.get(input) ?? nested.get(input);
    return known !== undefined && JSON.stringify(known) !== JSON.stringify(value);
  });
  if (clashes) return false;
  for (const { input, value } of match.said) (input.includes('.') ? nested : inputs).set(input, value);
  for (const { index } of match.taken) used.add(index);
  return true;
}

function takePhrases<Some extends Phrase>(
  reading: Reading,
  tokens: readonly Tagged[],
  phrases: readonly Some[],
): Taken<Some>[] {
  const taken: Taken<Some>[] = [];
  for (const phrase of phrases) {
    let left = free(tokens, reading.used);
    for (let at = 0; at < left.length; at += 1) {
      const match = matchPhrase(reading.grammar, phrase, left, at);
      if (match === null || !take(reading, match)) continue;
      taken.push({ phrase, match });
      left = free(tokens, reading.used);
      at -= 1;
    }
  }
  return taken;
}

interface Taken<Some extends Phrase> {
  readonly phrase: Some;
  readonly match: PhraseMatch;
}

/** What was found of an action's words. */
interface Cues {
  readonly asks: number;
  readonly verbs: ReadonlySet<string>;
  readonly nouns: number;
}

/**
 * How surely an action is asked for. A whole way to ask or a verb of its own is enough; a general verb wants a noun or the
 * path that the action needs; for a read the noun alone will do.
 */
function cueOf(grammar: ActionGrammar, inputs: JsonObject, { asks, verbs, nouns }: Cues): number {
  const isRead = grammar.action.effect === 'read';
  const special = [...verbs].some((verb) => !generalVerbs.has(verb));
  const named = grammar.inputs.some(
    ({ name, required, input }) => required && input.kind === 'path' && inputs[name] !== undefined,
  );
  if (asks === 0 && !special && !(verbs.size > 0 && (nouns > 0 || named)) && !(isRead && nouns > 0)) return 0;
  return asks * 3 + (special ? 2 : verbs.size > 0 ? 1 : 0) + Math.min(nouns, 1);
}

const hasNoun = ({ nouns }: ActionGrammar, { taken }: PhraseMatch) =>
  nouns.some(({ pieces: [piece] }) => piece?.kind === 'word' && taken.some((token) => isWord(token, piece.word)));

/** Reads a sentence part as one action. `inherited` where the action is the one of the part before. */
export function parseClause(
  grammar: ActionGrammar,
  tokens: readonly Tagged[],
  world: World,
  prompt: string,
  inherited: boolean,
): ClauseParse {
  const reading: Reading = { grammar, used: new Set(), inputs: new Map(), nested: new Map(), verbs: new Set() };
  const names = entityNames(grammar, tokens, world);
  for (const { index } of names) reading.used.add(index);
  const places = tokens.flatMap((token, at) => {
    const place = reading.used.has(token.index) ? null : placeAt(tokens, at, world);
    return place === null ? [] : [place];
  });
  for (const { token } of places) reading.used.add(token.index);
  const asks = takePhrases(reading, tokens, grammar.asks);
  const details = takePhrases(reading, tokens, grammar.details);
  const verbs = takePhrases(reading, tokens, grammar.verbs);
  for (const { phrase } of verbs) reading.verbs.add(phrase.concept);
  const nouns = takePhrases(reading, tokens, grammar.nouns);
  const inputs = fillFromTokens(reading, tokens, prompt);
  // A noun counts too where a longer phrase took it: `last 5 commits`.
  const alsoNamed = details.filter(({ match }) => hasNoun(grammar, match)).length;
  const rest = leftoversOf(grammar, tokens, reading.used, names.length > 0, places.length > 0);
  const needed = grammar.inputs.filter(({ required, schema }) => required || schema['x-ask'] === true);
  const matches = [...asks, ...details, ...verbs, ...nouns].map(({ match }) => match);
  const cues = { asks: asks.length, verbs: reading.verbs, nouns: nouns.length + alsoNamed };
  return {
    grammar,
    tokens,
    inherited,
    cue: inherited ? 1 : cueOf(grammar, inputs, cues),
    inputs,
    names,
    places,
    ...rest,
    missing: needed
      .filter(({ name, input }) => (input.kind === 'entity' ? names.length === 0 : inputs[name] === undefined))
      .map(({ name }) => name),
    corrected: matches.reduce((sum, match) => sum + match.corrected, 0),
  };
}
