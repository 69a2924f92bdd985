import type { ClarifyOption, InventoryItem, PlannedStep, Resolution } from '@countersign/kernel';
import type { JsonObject, TargetRef } from '@countersign/protocol';
import { nearNames } from '../names/near-names.ts';
import type { World } from '../names/world.ts';
import type { ClauseParse } from '../parse/parse-clause.ts';
import { type PlaceGroup, targetsOf } from '../parse/places.ts';
import type { Tagged } from '../parse/tagged.ts';
import { fold } from '../text/fold.ts';
import { type Abstention, question, refusal } from './answer.ts';
import { checkInputs, checkPaths } from './check-inputs.ts';
import { type Placed, placeNames } from './place-names.ts';
import { addAfter, replaceToken } from './rewrite.ts';

/** What a sentence part was resolved to, or why it was not. */
export type Resolved =
  | { readonly kind: 'steps'; readonly steps: readonly PlannedStep[]; readonly confidence: number }
  | { readonly kind: 'abstain'; readonly answer: Abstention };

/** What a part takes from the parts around it. */
export interface Around {
  readonly prompt: string;
  readonly world: World;
  /** Places that hold for it though another part says them. */
  readonly places: readonly PlaceGroup[];
  /** Places of the part before: a part without its own must not silently leave them. */
  readonly placesBefore: readonly PlaceGroup[];
  /** The last step before, for `it`. */
  readonly before: PlannedStep | null;
}

const abstain = (answer: Abstention): Resolved => ({ kind: 'abstain', answer });
const placeText = ({ name, project, environment }: TargetRef) => `${name} (${project}, ${environment})`;

function askTarget(parse: ClauseParse, targets: readonly TargetRef[], { prompt }: Around, what: string): Resolved {
  const asked = `${what} Which target: ${targets.map(placeText).join(', ')}?`;
  const options = targets.map((target): ClarifyOption => {
    return { label: placeText(target), prompt: addAfter(prompt, parse.tokens, `on ${target.name}`) };
  });
  return abstain(question(parse.grammar.action.title, asked, options));
}

function askMissing(parse: ClauseParse, candidates: readonly TargetRef[], { prompt, world }: Around): Resolved {
  const { grammar, missing, tokens, vague, pronouns } = parse;
  const intent = grammar.action.title;
  const entity = grammar.entity;
  if (entity !== null && missing.includes(entity.input)) {
    const there = new Set(candidates.map(({ name }) => name));
    const items = world.items.filter((item) => item.entity === entity.entity && there.has(item.target));
    const [word] = [...vague, ...pronouns];
    const options = items.map((item): ClarifyOption => {
      const said =
        word === undefined
          ? addAfter(prompt, tokens, `"${item.name}" on ${item.target}`)
          : replaceToken(prompt, word, `"${item.name}" on ${item.target}`);
      return { label: `${item.name} on ${item.target}`, prompt: said };
    });
    return abstain(question(intent, `Which ${entity.entity}?`, options));
  }
  return abstain(
    question(
      intent,
      `For "${intent.toLowerCase()}" I need: ${missing.join(', ')}. Say it in the sentence, texts in quotes.`,
      [],
    ),
  );
}

/** The one thing of that name on the one target left, or the question. */
function findItem(
  parse: ClauseParse,
  name: Tagged,
  candidates: readonly TargetRef[],
  around: Around,
): InventoryItem | Resolved {
  const { world, prompt } = around;
  const kind = parse.grammar.entity?.entity;
  const there = new Set(candidates.map((target) => target.name));
  const ofKind = world.items.filter((item) => item.entity === kind && there.has(item.target));
  const named = (world.itemsByName.get(name.folded) ?? []).filter((item) => item.entity === kind);
  const found = named.filter((item) => there.has(item.target));
  const [item, second] = found;
  // What could not be read may hold the name too: only a place that leaves one target settles it.
  const unread = candidates.filter((target) => world.unread.has(target.name));
  if (unread.length > 0 && candidates.length > 1) {
    return askTarget(parse, candidates, around, `What ${unread.map(placeText).join(', ')} holds could not be read.`);
  }
  if (item !== undefined && second === undefined) return item;
  if (item !== undefined) {
    const holders = candidates.filter((target) => found.some((one) => one.target === target.name));
    if (holders.length > 1) return askTarget(parse, holders, around, `"${name.text}" is on ${holders.length} targets.`);
    const options = found.map((one) => ({ label: one.name, prompt: replaceToken(prompt, name, `"${one.name}"`) }));
    return abstain(question(parse.grammar.action.title, `"${name.text}" means several. Which one?`, options));
  }
  if (item === undefined && unread.length > 0)
    return abstain(refusal('inventory_unread', unread.map(placeText).join(', ')));
  const near = nearNames(
    name.text,
    ofKind.map((one) => one.name),
  );
  const elsewhere = named.map((one) => one.target).join(', ');
  const asked = `There is no "${name.text}" at ${candidates.map(placeText).join(', ')}; it is on ${elsewhere}. Which one is meant?`;
  const options = near.map((one) => ({ label: one.name, prompt: replaceToken(prompt, name, one.name) }));
  return abstain(question(parse.grammar.action.title, asked, options));
}

function resolveOne(parse: ClauseParse, placed: Placed, around: Around): Resolved {
  const { grammar } = parse;
  const own = placed.places.length > 0 ? placed.places : around.places;
  const candidates = targetsOf(own, grammar.targets);
  const isSaid = own.length > 0;
  if (candidates.length === 0) {
    const said = own.flatMap(({ mentions }) => mentions.map(({ token }) => token.text)).join(' ');
    const asked = `"${grammar.action.title}" cannot be done at "${said}". It can be at ${grammar.targets.map(placeText).join(', ')}. Where?`;
    const [mention, other] = own.flatMap(({ mentions }) => mentions);
    const options =
      mention === undefined || other !== undefined
        ? []
        : grammar.targets.map((target) => ({
            label: placeText(target),
            prompt: replaceToken(around.prompt, mention.token, target.name),
          }));
    return abstain(question(grammar.action.title, asked, options));
  }
  const inherits = parse.pronouns.length > 0 && placed.name === null && grammar.entity !== null;
  const missing = parse.missing.filter(
    (name) => !(inherits && around.before !== null && name === grammar.entity?.input),
  );
  if (missing.length > 0) return askMissing(parse, candidates, around);
  if (inherits && around.before !== null) return inheritItem(parse, around.before, around);
  const item = placed.name === null ? null : findItem(parse, placed.name, candidates, around);
  if (item !== null && 'kind' in item) return item;
  const left = item === null ? candidates : candidates.filter(({ name }) => name === item.target);
  const [target, second] = left;
  if (target === undefined || second !== undefined)
    return askTarget(parse, left, around, `${left.length} targets fit.`);
  const before = around.placesBefore;
  if (!isSaid && before.length > 0 && !targetsOf(before, [target]).includes(target)) {
    return askTarget(parse, [target], around, 'This part says no place, and the one before is another.');
  }
  const said = own.flatMap(({ mentions }) => mentions.map(({ token }) => token.text)).join(' ');
  const resolved: Resolution[] = [
    {
      field: 'target',
      said,
      meant: target.name,
      by: !isSaid ? 'only' : fold(said) === fold(target.name) ? 'exact' : 'alias',
    },
  ];
  const inputs: JsonObject = { ...parse.inputs };
  if (item !== null && placed.name !== null && grammar.entity !== null) {
    const byName = fold(item.name) === placed.name.folded;
    // What was said names it as surely as its name does, in the spelling of the system.
    inputs[grammar.entity.input] = byName
      ? item.name
      : (item.aliases.find((alias) => fold(alias) === placed.name?.folded) ?? item.name);
    resolved.push({
      field: `/${grammar.entity.input}`,
      said: placed.name.text,
      meant: item.name,
      by: byName ? 'exact' : 'alias',
    });
  }
  return finish(parse, target, inputs, resolved);
}

/** `it`: the thing of the step before, on its target. */
function inheritItem(parse: ClauseParse, before: PlannedStep, around: Around): Resolved {
  const { grammar } = parse;
  const input = grammar.entity?.input ?? '';
  const value = before.step.inputs[input];
  const target = grammar.targets.find(({ name }) => name === before.target.name);
  if (typeof value !== 'string' || target === undefined) return askMissing(parse, grammar.targets, around);
  const said = parse.pronouns[0]?.text ?? '';
  return finish(parse, target, { ...parse.inputs, [input]: value }, [
    { field: 'target', said, meant: target.name, by: 'alias' },
    { field: `/${input}`, said, meant: value, by: 'alias' },
  ]);
}

function finish(parse: ClauseParse, target: TargetRef, inputs: JsonObject, resolved: readonly Resolution[]): Resolved {
  const refused = checkInputs(parse.grammar, inputs);
  if (refused !== null) return abstain(refused);
  const step = { action: parse.grammar.action.name, inputs };
  return { kind: 'steps', steps: [{ step, target, resolved }], confidence: confidenceOf(parse, resolved) };
}

const costs: Readonly<Record<Resolution['by'], number>> = { exact: 0, alias: 0.02, only: 0.1, near: 0.25 };

/** 1 for words that all stand in the lexicon and names as they are written; less for each thing that was read over. */
function confidenceOf({ corrected, cue, vague }: ClauseParse, resolved: readonly Resolution[]): number {
  const loss =
    resolved.reduce((sum, { by }) => sum + costs[by], 0) + corrected * 0.06 + vague.length * 0.1 + (cue < 2 ? 0.05 : 0);
  return Math.max(0.2, 1 - loss);
}

/** Resolves one sentence part to steps: one for each thing it names at each place. */
export function resolveClause(parse: ClauseParse, around: Around): Resolved {
  const unsafe = checkPaths(parse.grammar, parse.inputs);
  if (unsafe !== null) return abstain(unsafe);
  const placed = placeNames(parse);
  if (placed === null) {
    return abstain(
      question(
        parse.grammar.action.title,
        'What belongs together? Join names by "and", and say the place after each.',
        [],
      ),
    );
  }
  const steps: PlannedStep[] = [];
  let confidence = 1;
  for (const one of placed) {
    const resolved = resolveOne(parse, one, around);
    if (resolved.kind === 'abstain') return resolved;
    steps.push(...resolved.steps);
    confidence = Math.min(confidence, resolved.confidence);
  }
  return { kind: 'steps', steps, confidence };
}
