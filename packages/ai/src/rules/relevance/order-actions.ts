import type { PlannerAction, PlanPromptRequest } from '@countersign/kernel';
import { readClause } from '../answer/choose-parse.ts';
import { type ActionGrammar, grammarOf } from '../grammar/action-grammar.ts';
import { vocabularyOf } from '../grammar/vocabulary-of.ts';
import { type World, worldOf } from '../names/world.ts';
import { splitClauses } from '../parse/split-clauses.ts';
import { type Tagged, tag } from '../parse/tagged.ts';
import { fold } from '../text/fold.ts';
import { tokenise } from '../text/tokenise.ts';

/** Words of more than this say nothing more about what is wanted; a text that was pasted in is read to here. */
const mostTokens = 120;

/** The actions that a part of the sentence may ask for, the likeliest first. */
function readings(grammars: readonly ActionGrammar[], part: readonly Tagged[], world: World, prompt: string): string[] {
  return readClause(grammars, part, world, prompt, null).map(({ grammar }) => grammar.action.name);
}

/** Of the words by which an action is known, how many the sentence has. */
function shared(grammar: ActionGrammar, said: ReadonlySet<string>): number {
  const { action, descriptors, inputs } = grammar;
  const named = [action.title, action.name, ...inputs.map(({ name }) => name)].flatMap((text) =>
    fold(text).split(/[\W_]+/),
  );
  const words = new Set([...vocabularyOf([grammar]), ...descriptors, ...named]);
  return [...words].filter((word) => word.length > 2 && said.has(word)).length;
}

/** Whether the sentence names one of the action's targets, or a thing of the kind that the action is about on one of them. */
function isNamed(grammar: ActionGrammar, tokens: readonly Tagged[], world: World): boolean {
  return tokens.some(({ folded }) => {
    const items = world.itemsByName.get(folded) ?? [];
    const isThing = items.some(
      ({ entity, target }) =>
        entity === grammar.entity?.entity && grammar.targets.some((offered) => offered.name === target),
    );
    return isThing || grammar.targets.some(({ name }) => fold(name) === folded);
  });
}

/**
 * Every action of a request, those first that its sentence is most likely about: what each part reads as, then by the words that
 * they share with it and the names in it. Where it says nothing that is known here, the order is that of the request.
 */
export function orderActions(request: PlanPromptRequest): PlannerAction[] {
  const grammars = request.actions.map(grammarOf);
  const world = worldOf(request);
  const tokens = tag(tokenise(request.prompt).slice(0, mostTokens), vocabularyOf(grammars), world);
  const parts = splitClauses(tokens, grammars).map((part) => readings(grammars, part, world, request.prompt));
  const said = new Set(tokens.flatMap(({ forms }) => forms));
  // The best reading of every part comes before the second best of any.
  const place = (name: string) =>
    Math.min(...parts.map((names) => names.indexOf(name)).map((at) => (at < 0 ? Number.MAX_SAFE_INTEGER : at)));
  const ranked = request.actions.map((action, index) => {
    const grammar = grammars[index] ?? grammarOf(action);
    const near = shared(grammar, said) + (isNamed(grammar, tokens, world) ? 2 : 0);
    return { action, at: place(action.action.name), near, index };
  });
  return ranked.sort((a, b) => a.at - b.at || b.near - a.near || a.index - b.index).map(({ action }) => action);
}
