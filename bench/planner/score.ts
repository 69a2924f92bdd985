import type { Planner, PlannerAnswer } from '@countersign/kernel';
import type { Json, JsonObject } from '@countersign/protocol';
import type { CorpusPrompt, ExpectedStep } from './corpus.ts';
import { actions, inventory } from './inventory.ts';

/** One prompt with what a planner answered; null where it gave no answer at all. */
export interface Scored {
  readonly prompt: CorpusPrompt;
  readonly answer: PlannerAnswer | null;
}

/** Shares are between 0 and 1, and null where nothing of the kind was asked. */
export interface Score {
  readonly prompts: number;
  readonly inScope: number;
  /** Of the prompts with a plan: the same actions in the same order. */
  readonly exactAction: number | null;
  /** Of the prompts with a plan: the same actions, targets and inputs. */
  readonly exactPlan: number | null;
  readonly slotF1: number | null;
  /** Prompts that ask for a change, and those of them whose answer changes something on another target or thing than was meant. */
  readonly changes: number;
  readonly wrongTarget: number;
  /** Of the prompts to be asked about or refused: those that were. */
  readonly abstentionRecall: number | null;
  /** Of the questions and refusals: those that were right. */
  readonly abstentionPrecision: number | null;
  /** Of the prompts to be asked about or refused: the right one of the two. */
  readonly rightKind: number | null;
}

/** Asks a planner every prompt, one after the other. */
export async function askAll(planner: Planner, prompts: readonly CorpusPrompt[]): Promise<Scored[]> {
  const scored: Scored[] = [];
  for (const prompt of prompts) {
    const outcome = await planner.plan({
      prompt: prompt.prompt,
      documents: [],
      unread: [],
      actions,
      inventory,
      correlationId: 'bench',
      signal: AbortSignal.timeout(120_000),
    });
    scored.push({ prompt, answer: outcome.ok ? outcome.value.answer : null });
  }
  return scored;
}

interface Step {
  readonly action: string;
  readonly target: string;
  readonly inputs: JsonObject;
}

function stepsOf(answer: PlannerAnswer | null): Step[] {
  if (answer?.kind !== 'plan') return [];
  return answer.steps.map(({ step, target }) => ({ action: step.action, target: target.name, inputs: step.inputs }));
}

/** One JSON text for equal values, whatever the order of the members. */
function canonical(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, one]) => `${JSON.stringify(name)}:${canonical(one)}`).join(',')}}`;
}

const sameActions = (a: readonly Step[], b: readonly Step[]) =>
  a.map(({ action }) => action).join() === b.map(({ action }) => action).join();
const whole = (steps: readonly Step[]) =>
  steps.map(({ action, target, inputs }) => `${action} ${target} ${canonical(inputs)}`).join('\n');

/** Target and inputs as a bag of slots, counted by step. */
function slotsOf(steps: readonly Step[]): string[] {
  return steps.flatMap(({ target, inputs }, index) => [
    `${index} target ${target}`,
    ...Object.entries(inputs).map(([name, value]) => `${index} ${name} ${canonical(value)}`),
  ]);
}

/** What a step would touch: the target and what names a thing on it. */
function touches({ action, target, inputs }: Step): string {
  const { container, files, commit } = inputs;
  const paths = Array.isArray(files)
    ? files.map((file) =>
        typeof file === 'object' && file !== null && !Array.isArray(file) ? (file['path'] ?? null) : file,
      )
    : null;
  return canonical([action, target, container ?? null, paths, commit ?? null]);
}

const effects = new Map(actions.map(({ action }) => [action.name, action.effect]));

/** Whether an answer would change something that was not asked for. */
export function isWrongTarget({ prompt, answer }: Scored): boolean {
  const { expected } = prompt;
  const wanted: readonly ExpectedStep[] = expected.kind === 'plan' ? expected.steps : [];
  const allowed = new Set(wanted.map(touches));
  return stepsOf(answer).some((step) => effects.get(step.action) !== 'read' && !allowed.has(touches(step)));
}

/** Whether a prompt with a plan was answered by exactly that plan, and one without was not answered by a plan. */
export function isExact({ prompt, answer }: Scored): boolean {
  if (prompt.expected.kind !== 'plan') return answer !== null && answer.kind !== 'plan';
  return whole(stepsOf(answer)) === whole(prompt.expected.steps);
}

function f1(scored: readonly Scored[]): number | null {
  let hits = 0;
  let said = 0;
  let wanted = 0;
  for (const { prompt, answer } of scored) {
    if (prompt.expected.kind !== 'plan') continue;
    const ours = slotsOf(stepsOf(answer));
    const theirs = new Set(slotsOf(prompt.expected.steps));
    hits += ours.filter((slot) => theirs.has(slot)).length;
    said += ours.length;
    wanted += theirs.size;
  }
  return said + wanted === 0 ? null : (2 * hits) / (said + wanted);
}

function share(some: number, all: number): number | null {
  return all === 0 ? null : some / all;
}

/** Scores answers. */
export function scoreOf(scored: readonly Scored[]): Score {
  const withPlan = scored.filter(({ prompt }) => prompt.expected.kind === 'plan');
  const without = scored.filter(({ prompt }) => prompt.expected.kind !== 'plan');
  const abstained = scored.filter(({ answer }) => answer !== null && answer.kind !== 'plan');
  const rightly = abstained.filter(({ prompt }) => prompt.expected.kind !== 'plan').length;
  const exact = withPlan.filter(
    ({ prompt, answer }) => prompt.expected.kind === 'plan' && sameActions(stepsOf(answer), prompt.expected.steps),
  );
  return {
    prompts: scored.length,
    inScope: withPlan.length,
    exactAction: share(exact.length, withPlan.length),
    exactPlan: share(withPlan.filter(isExact).length, withPlan.length),
    slotF1: f1(scored),
    changes: scored.filter(({ prompt }) => prompt.change).length,
    wrongTarget: scored.filter(isWrongTarget).length,
    abstentionRecall: share(rightly, without.length),
    abstentionPrecision: share(rightly, abstained.length),
    rightKind: share(
      without.filter(({ prompt, answer }) => answer?.kind === prompt.expected.kind).length,
      without.length,
    ),
  };
}
