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

/** Targets that the sentence names, and those that hold a thing of a kind that it names, as `KIND TARGET`. */
interface Named {
  readonly targets: ReadonlySet<string>;
  readonly things: ReadonlySet<string>;
}

function namedIn(tokens: readonly Tagged[], { itemsByName, targets }: World): Named {
  const said = new Set(tokens.map(({ folded }) => folded));
  const items = [...said].flatMap((word) => itemsByName.get(word) ?? []);
  return {
    targets: new Set(targets.filter(({ name }) => said.has(fold(name))).map(({ name }) => name)),
    things: new Set(items.map(({ entity, target }) => `${entity} ${target}`)),
  };
}

const isNamed = ({ entity, targets }: ActionGrammar, named: Named): boolean =>
  targets.some(
    ({ name }) => named.targets.has(name) || (entity !== null && named.things.has(`${entity.entity} ${name}`)),
  );

/**
 * Every action of a request, those first that its sentence is most likely about: what each part reads as, then by the words that
 * they share with it and the names in it. Where it says nothing that is known here, the order is that of the request.
 */
export function orderActions(request: PlanPromptRequest): PlannerAction[] {
  const grammars = request.actions.map(grammarOf);
  const world = worldOf(request);
  const tokens = tag(tokenise(request.prompt).slice(0, mostTokens), vocabularyOf(grammars), world);
  const parts = splitClauses(tokens, grammars).map((part) => readings(grammars, part, world, request.prompt));
  const named = namedIn(tokens, world);
  const said = new Set(tokens.flatMap(({ forms }) => forms));
  // The best reading of every part comes before the second best of any.
  const place = (name: string) =>
    Math.min(...parts.map((names) => names.indexOf(name)).map((at) => (at < 0 ? Number.MAX_SAFE_INTEGER : at)));
  const ranked = request.actions.map((action, index) => {
    const grammar = grammars[index] ?? grammarOf(action);
    const near = shared(grammar, said) + (isNamed(grammar, named) ? 2 : 0);
    return { action, at: place(action.action.name), near, index };
  });
  return ranked.sort((a, b) => a.at - b.at || b.near - a.near || a.index - b.index).map(({ action }) => action);
}
