import type { PlannerAction } from '@countersign/kernel';
import type { ActionManifest, TargetRef } from '@countersign/protocol';
import { conceptOf, entriesFrom, synonymsOf } from '../lexicon/vocabulary.ts';
import { fold } from '../text/fold.ts';
import { type InputGrammar, inputsOf } from './input-grammar.ts';
import { type Phrase, phraseOf } from './phrase.ts';

/** A way to say what is done, with the concept that it stands for. */
export interface VerbPhrase extends Phrase {
  readonly concept: string;
}

/** How one action is asked for. Made of its manifest alone. */
export interface ActionGrammar {
  readonly action: ActionManifest;
  readonly targets: readonly TargetRef[];
  readonly connector: string;
  readonly verbs: readonly VerbPhrase[];
  readonly nouns: readonly Phrase[];
  /** Whole ways to ask for it. */
  readonly asks: readonly Phrase[];
  /** Ways to say its inputs. */
  readonly details: readonly Phrase[];
  readonly inputs: readonly InputGrammar[];
  /** The input that names a thing of the inventory. */
  readonly entity: { readonly input: string; readonly entity: string } | null;
  /** Words that may stand beside a name of that thing, or of the connector's targets. */
  readonly descriptors: ReadonlySet<string>;
}

/** Verbs that say too little by themselves to choose an action. */
export const generalVerbs: ReadonlySet<string> = new Set(['show', 'list', 'get', 'read', 'run']);

const isGlue = (word: string) => entriesFrom(word).some(({ meaning }) => meaning.kind === 'glue');

function namedVerbs(action: ActionManifest): string[] {
  const words = [action.title.split(' ')[0] ?? '', action.name.split(/[._]/)[1] ?? ''];
  return [...new Set(words.map((word) => conceptOf('verb', fold(word))))].filter(
    (concept) => synonymsOf('verbs', concept).length > 1 || concept === conceptOf('verb', fold(words[0] ?? '')),
  );
}

function namedNouns(action: ActionManifest): string[] {
  const words = [...action.title.split(' ').slice(1), ...action.name.split(/[._]/).slice(2)].map(fold);
  return [...new Set(words.filter((word) => !isGlue(word)).map((word) => conceptOf('noun', word)))];
}

function defaultDetails(inputs: readonly InputGrammar[], written: readonly string[]): string[] {
  return inputs
    .filter(({ name, input }) => input.kind !== 'entity' && !written.some((text) => text.includes(`{${name}`)))
    .flatMap(({ name, input }) => {
      const said = name.replaceAll('_', ' ');
      return input.kind === 'boolean' ? [`${said} {${name}=true}`] : [`${said} {${name}}`];
    });
}

/** The grammar of one action, from its manifest: what it says about itself, else its title, its name and its inputs. */
export function grammarOf({ action, targets }: PlannerAction): ActionGrammar {
  const made = grammars.get(action) ?? makeGrammar(action);
  grammars.set(action, made);
  return { ...made, targets };
}

/** Manifests stay the same objects while their worker serves, and each is read once. */
const grammars = new WeakMap<ActionManifest, ActionGrammar>();

function makeGrammar(action: ActionManifest): ActionGrammar {
  const connector = action.name.split('.')[0] ?? '';
  const inputs = inputsOf(action.inputSchema);
  const { verbs = namedVerbs(action), nouns = namedNouns(action), asks = [], details = [] } = action.wording ?? {};
  const concepts = verbs.map((verb) => conceptOf('verb', verb));
  const entities = inputs.flatMap(({ name, input }) =>
    input.kind === 'entity' ? [{ input: name, entity: input.entity }] : [],
  );
  const byWeight = (a: Phrase, b: Phrase) => b.weight - a.weight;
  return {
    action,
    targets: [],
    connector,
    verbs: concepts
      .flatMap((concept) => synonymsOf('verbs', concept).map((text) => ({ ...phraseOf(text), concept })))
      .sort(byWeight),
    nouns: nouns
      .flatMap((concept) => synonymsOf('nouns', concept))
      .map(phraseOf)
      .sort(byWeight),
    asks: asks.map(phraseOf).sort(byWeight),
    details: [...details, ...defaultDetails(inputs, [...details, ...asks])].map(phraseOf).sort(byWeight),
    inputs,
    entity: entities[0] ?? null,
    descriptors: new Set([
      connector,
      ...synonymsOf('nouns', conceptOf('noun', connector)),
      ...entities.flatMap(({ entity }) => synonymsOf('nouns', entity)),
    ]),
  };
}
