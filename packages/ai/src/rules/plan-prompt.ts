import type { PlannedStep, PlannerAnswer, PlanPromptRequest } from '@countersign/kernel';
import { type Abstention, question, refusal, whatCanBeDone } from './answer/answer.ts';
import { isTie, readClause } from './answer/choose-parse.ts';
import { explainLeftovers, namesNear } from './answer/explain-leftovers.ts';
import { answerGuards, guardsIn } from './answer/guards.ts';
import { placesFor } from './answer/places-around.ts';
import { resolveClause } from './answer/resolve-clause.ts';
import { replaceToken } from './answer/rewrite.ts';
import { type ActionGrammar, grammarOf } from './grammar/action-grammar.ts';
import { vocabularyOf } from './grammar/vocabulary-of.ts';
import { type World, worldOf } from './names/world.ts';
import type { ClauseParse } from './parse/parse-clause.ts';
import { splitClauses } from './parse/split-clauses.ts';
import { phrasesAt, type Tagged, tag } from './parse/tagged.ts';
import { tokenise } from './text/tokenise.ts';

/** More than anybody says in one sentence; what is in quotes counts as one. */
const mostTokens = 120;

interface Scene {
  readonly prompt: string;
  readonly world: World;
  readonly grammars: readonly ActionGrammar[];
  readonly titles: readonly string[];
}

const indexes = (tokens: readonly Tagged[]) => new Set(tokens.map(({ index }) => index));

/** A part that says nothing, such as `thanks`. */
function isEmpty(tokens: readonly Tagged[]): boolean {
  for (let at = 0; at < tokens.length; at += 1) {
    if (tokens[at]?.kind === 'pause') continue;
    const idle = phrasesAt(tokens, at).find(
      ({ meaning: { kind } }) => kind === 'polite' || kind === 'glue' || kind === 'and',
    );
    if (idle === undefined) return false;
    at += idle.length - 1;
  }
  return true;
}

/** No action is asked for: a guard says why, a verb that nothing here has is named, or it is about something else. */
function answerNoAction(tokens: readonly Tagged[], { titles }: Scene): Abstention {
  const guarded = answerGuards(guardsIn(tokens, indexes(tokens)), '');
  if (guarded !== null) return guarded;
  const verb = tokens.find((_token, at) =>
    phrasesAt(tokens, at).some(({ meaning }) => meaning.kind === 'verb' && meaning.concept !== 'show'),
  );
  return verb === undefined
    ? refusal('out_of_scope', whatCanBeDone(titles))
    : refusal('unsupported', `Asked for: "${verb.text}". ${whatCanBeDone(titles)}`);
}

/** The best reading of each part, or the answer to a part that has none. */
function readAll(clauses: readonly Tagged[][], scene: Scene): ClauseParse[] | Abstention {
  const parses: ClauseParse[] = [];
  for (const tokens of clauses) {
    const [best, second] = readClause(
      scene.grammars,
      tokens,
      scene.world,
      scene.prompt,
      parses.at(-1)?.grammar ?? null,
    );
    if (best === undefined) return answerNoAction(tokens, scene);
    if (isTie(best, second)) {
      const asked = `Is it "${best.grammar.action.title}" or "${second?.grammar.action.title}"?`;
      return question(best.grammar.action.title, asked, []);
    }
    parses.push(best);
  }
  return parses;
}

const changes = ({ grammar }: ClauseParse) => grammar.action.effect !== 'read';

/** What stands in the way of a plan whatever the names mean. */
function guardAll(all: readonly Tagged[], parses: readonly ClauseParse[]): Abstention | null {
  const intent = parses.map(({ grammar }) => grammar.action.title).join(', ');
  const left = guardsIn(all, indexes(parses.flatMap(({ leftovers }) => leftovers)));
  if (parses.some(changes)) {
    // Where something changes a negation or an "all" is never read over, not even as part of a known phrase.
    for (const guard of guardsIn(all, indexes(all))) if (guard === 'negated' || guard === 'everything') left.add(guard);
  }
  return answerGuards(left, intent);
}

/** Reads only: a mistyped name with one clearly nearest name is read as that, and said so. */
function readNear(
  parses: readonly ClauseParse[],
  scene: Scene,
): { prompt: string; said: string; meant: string } | null {
  if (parses.some(changes)) return null;
  const [parse, other] = parses.filter(({ leftovers }) => leftovers.length > 0);
  const [token, more] = parse?.leftovers ?? [];
  if (parse === undefined || other !== undefined || token?.kind !== 'word' || more !== undefined) return null;
  const [nearest, next] = namesNear(parse, token, scene.world);
  const isThing = nearest !== undefined && scene.world.items.some(({ name }) => name === nearest.name);
  if (!isThing || nearest.far > 2 || (next !== undefined && next.far <= nearest.far)) return null;
  return { prompt: replaceToken(scene.prompt, token, nearest.name), said: token.text, meant: nearest.name };
}

function planSteps(parses: readonly ClauseParse[], scene: Scene): PlannerAnswer {
  const steps: PlannedStep[] = [];
  let confidence = 1;
  for (const [index, parse] of parses.entries()) {
    const around = {
      ...placesFor(parses, index),
      prompt: scene.prompt,
      world: scene.world,
      before: steps.at(-1) ?? null,
    };
    const resolved = resolveClause(parse, around);
    if (resolved.kind === 'abstain') return resolved.answer;
    steps.push(...resolved.steps);
    confidence = Math.min(confidence, resolved.confidence);
  }
  const intent = [...new Set(parses.map(({ grammar }) => grammar.action.title))].join(', ');
  return { kind: 'plan', intent, confidence: Math.round(confidence * 100) / 100, steps };
}

function planWith(scene: Scene, retry: boolean): PlannerAnswer {
  const { prompt, world, grammars, titles } = scene;
  const all = tag(tokenise(prompt), vocabularyOf(grammars), world);
  if (all.length > mostTokens) return refusal('too_long');
  const clauses = splitClauses(all, grammars).filter((tokens) => !isEmpty(tokens));
  if (clauses.length === 0) return refusal('out_of_scope', whatCanBeDone(titles));
  const parses = readAll(clauses, scene);
  if ('kind' in parses) return parses;
  const guarded = guardAll(all, parses);
  if (guarded !== null) return guarded;
  const near = retry ? readNear(parses, scene) : null;
  if (near !== null) return asNear(planWith({ ...scene, prompt: near.prompt }, false), near);
  const unread = parses.find((parse) => parse.leftovers.length > 0 || isIdle(parse));
  if (unread !== undefined) return explainLeftovers(withIdle(unread), prompt, world, titles);
  return planSteps(parses, scene);
}

/** A word such as `something` or `other` where nothing is missing may mean more than was read. */
const isIdle = (parse: ClauseParse) => changes(parse) && parse.missing.length === 0 && parse.vague.length > 0;
const withIdle = (parse: ClauseParse): ClauseParse =>
  isIdle(parse) ? { ...parse, leftovers: [...parse.leftovers, ...parse.vague] } : parse;

function asNear(answer: PlannerAnswer, { said, meant }: { said: string; meant: string }): PlannerAnswer {
  if (answer.kind !== 'plan') return answer;
  const steps = answer.steps.map((step) => ({
    ...step,
    resolved: step.resolved.map((one) => (one.said === meant ? { ...one, said, by: 'near' as const } : one)),
  }));
  return { ...answer, confidence: Math.round(Math.max(0.2, answer.confidence - 0.25) * 100) / 100, steps };
}

/** Plans one prompt by rules. Never throws for what a prompt says, and answers nothing that is not in the request. */
export function planPrompt(request: PlanPromptRequest): PlannerAnswer {
  if (request.actions.length === 0) return refusal('nothing_allowed');
  const grammars = request.actions.map(grammarOf);
  const titles = grammars.map(({ action }) => action.title);
  return planWith({ prompt: request.prompt, world: worldOf(request), grammars, titles }, true);
}
