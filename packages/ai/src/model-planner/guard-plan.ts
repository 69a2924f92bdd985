import type { InventoryItem, PlannedStep, PlannerAction, PlanPromptRequest, Resolution } from '@countersign/kernel';
import { accept, type Outcome, refuse, type StepInput, type TargetRef } from '@countersign/protocol';
import { resolveTarget } from './resolve-target.ts';
import { resolveThing } from './resolve-thing.ts';
import { Sentence } from './said.ts';
import { type TextInput, textInputs } from './text-inputs.ts';

/** A step as a model named it. */
export interface NamedStep extends StepInput {
  readonly target: string;
}

/** What stands in the way of a step: a question, and the names that may answer it. */
export interface Doubt {
  readonly question: string;
  readonly choices: readonly string[];
}

/** Steps of which everything is said or known to be there, or the first doubt. */
export type Guarded =
  | { readonly kind: 'sure'; readonly steps: readonly PlannedStep[] }
  | { readonly kind: 'doubt'; readonly doubt: Doubt };

type Asked = Pick<PlanPromptRequest, 'prompt' | 'inventory' | 'unread'>;
type Facts = Pick<Asked, 'inventory' | 'unread'> & { readonly sentence: Sentence };

/** A name that may be offered: nothing that reads like a sentence. */
const offerable = /^[\w.@:/+-]{1,128}$/;
/** A time or a length of time: it can be no recipient, target or command. */
const isTime = (value: string): boolean =>
  /^(?:\d{1,9}(?:\.\d+)?\s?(?:ms|[dhms]))+$/.test(value) ||
  /^\d{4}-\d\d-\d\d(?:T[\d:.]+(?:Z|[+-]\d\d:?\d\d))?$/.test(value);

function named(items: readonly { readonly name: string }[]): string[] {
  return [...new Set(items.map(({ name }) => name))].filter((name) => offerable.test(name)).slice(0, 6);
}

/** A text that names something without a kind: it must be said, or be the name of something that is there. */
function readText(
  { sentence, inventory }: Facts,
  { value }: TextInput,
  target: TargetRef,
  reads: boolean,
): Omit<Resolution, 'field'> | null {
  if (sentence.says(value)) return { said: value, meant: value, by: 'exact' };
  const item = inventory.find(
    (each) => each.target === target.name && (each.name === value || each.aliases.includes(value)),
  );
  if (item !== undefined && [item.name, ...item.aliases].some((name) => sentence.says(name)))
    return { said: item.name, meant: value, by: 'alias' };
  // To look is harmless enough to take "the readme" for README.md; to change is not.
  const [word] = reads ? sentence.wordsOf(value).filter((each) => each.length > 2) : [];
  return word === undefined ? null : { said: word, meant: value, by: 'near' };
}

/** What of a step's inputs is on one target only, and said: that tells the target. */
function holding(
  facts: Facts,
  inputs: readonly TextInput[],
  target: TargetRef,
  candidates: readonly TargetRef[],
): string | null {
  // What was not read may hold it too.
  if (candidates.some(({ name }) => facts.unread.some((each) => each.target === name))) return null;
  for (const { value, entity } of inputs) {
    if (entity === null) continue;
    const at = (each: TargetRef): boolean => {
      const reading = resolveThing(facts.sentence, value, entity, each.name, facts);
      return reading.ok && reading.resolution.by !== 'only';
    };
    if (at(target) && candidates.filter(at).length === 1) return value;
  }
  return null;
}

function doubtful(question: string, choices: readonly string[] = []): { ok: false; doubt: Doubt } {
  return { ok: false, doubt: { question, choices } };
}

function guardStep(
  facts: Facts,
  step: NamedStep,
  { action, targets }: PlannerAction,
  target: TargetRef,
): { ok: true; step: PlannedStep } | { ok: false; doubt: Doubt } {
  const inputs = textInputs(step.inputs, action.inputSchema);
  const reading = resolveTarget(facts.sentence, target, targets, holding(facts, inputs, target, targets));
  if (!reading.ok) {
    const question =
      reading.why === 'unsaid'
        ? `On which target should ${action.name} happen?`
        : `The sentence names another place than ${target.name}. On which target should ${action.name} happen?`;
    return doubtful(question, named(reading.candidates.length > 0 ? reading.candidates : targets));
  }
  const resolved: Resolution[] = [reading.resolution];
  for (const input of inputs) {
    if (input.content || input.listed) continue;
    if (input.entity !== null) {
      const thing = resolveThing(facts.sentence, input.value, input.entity, target.name, facts);
      if (!thing.ok) {
        const there = facts.inventory.filter(({ entity, target: at }) => entity === input.entity && at === target.name);
        const choices = named(thing.maybe.length > 0 ? thing.maybe : there);
        const lacking = facts.unread.some((each) => each.target === target.name);
        const why = lacking ? ' Not all that is there could be read.' : '';
        return doubtful(`Which ${input.entity} on ${target.name} do you mean?${why}`, choices);
      }
      resolved.push({ field: input.field, ...thing.resolution });
    } else if (!isTime(input.value)) {
      const read = readText(facts, input, target, action.effect === 'read');
      // The value is not repeated: it may be somebody else's words.
      if (read === null)
        return doubtful(`What should ${input.field} of ${action.name} be? The sentence does not say it.`);
      resolved.push({ field: input.field, ...read });
    }
  }
  return { ok: true, step: { step: { action: step.action, inputs: step.inputs }, target, resolved } };
}

/**
 * Takes a model's steps only where everything that names a place, a thing, a recipient or a command is said in the sentence, or is
 * there and meant by it. The rest becomes a question: a model that obeyed a text which it read gets no further than that.
 * E_PROVIDER_INVALID_OUTPUT for what the schema could not have let through.
 */
export function guardPlan(
  { prompt, inventory, unread, actions }: Asked & { readonly actions: readonly PlannerAction[] },
  steps: readonly NamedStep[],
): Outcome<Guarded> {
  const facts: Facts = { sentence: new Sentence(prompt), inventory, unread };
  const planned: PlannedStep[] = [];
  for (const step of steps) {
    const known = actions.find(({ action }) => action.name === step.action);
    const target = known?.targets.find(({ name }) => name === step.target);
    if (known === undefined || target === undefined) {
      return refuse('E_PROVIDER_INVALID_OUTPUT', 'the model named an action or a target that was not offered', {
        next: 'ask again',
      });
    }
    const guarded = guardStep(facts, step, known, target);
    if (!guarded.ok) return accept({ kind: 'doubt', doubt: guarded.doubt });
    planned.push(guarded.step);
  }
  return accept({ kind: 'sure', steps: planned });
}

/** Names that may answer a question: of the inventory, of targets. Whatever else a model offers is left out. */
export function knownChoices(
  { actions, inventory }: { readonly actions: readonly PlannerAction[]; readonly inventory: readonly InventoryItem[] },
  offered: readonly string[],
): string[] {
  const known = new Set([...inventory, ...actions.flatMap(({ targets }) => targets)].map(({ name }) => name));
  return named(offered.filter((name) => known.has(name)).map((name) => ({ name })));
}
