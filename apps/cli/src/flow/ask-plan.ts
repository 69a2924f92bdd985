import { visibleLine } from '@countersign/evidence';
import type { PlanPromptView } from '@countersign/protocol';
import { type ProposalOptions, selectorOf } from '../command/proposal-options.ts';
import type { Context } from '../program/context.ts';
import { exitOf, exitOfFailure } from '../program/exit-code.ts';
import { renderPlanned, unreadLines } from '../render/planned.ts';
import { startSpinner } from '../terminal/spinner.ts';

/** A question leads to another at most this often. */
const mostQuestions = 6;

/** A plan with the sentence that led to it, or the exit code of a command that ends without one. */
export type AskedPlan =
  | { readonly kind: 'plan'; readonly view: PlanPromptView; readonly prompt: string }
  | { readonly kind: 'end'; readonly exit: number };

async function planPrompt(
  context: Context,
  prompt: string,
  options: Pick<ProposalOptions, 'target' | 'project' | 'env'>,
): Promise<PlanPromptView> {
  const spinner = startSpinner(context.deps.terminal.stderr, !context.print.json);
  spinner.say('reading the sentence');
  try {
    return await context.client.call('planPrompt', { body: { prompt, ...selectorOf(options) } });
  } finally {
    spinner.stop();
  }
}

function refuse(context: Context, view: PlanPromptView): AskedPlan {
  const { print } = context;
  const refusal = view.plan.refusal ?? { code: 'E_INTERNAL', reason: 'no reason was given' };
  print.note(`${print.noteColors.red('Refused')}: ${visibleLine(refusal.reason)} (${visibleLine(refusal.code)})`);
  print.note('Nothing was proposed.');
  print.document(view);
  // A reason of the planner's own is about the sentence; a code of the registry keeps its exit code.
  return { kind: 'end', exit: refusal.code.startsWith('E_') ? exitOfFailure(refusal) : exitOf('E_VALIDATION') };
}

/** Asks which is meant; answers the next sentence, or null where nobody answers. */
async function askBack(context: Context, view: PlanPromptView): Promise<string | null> {
  const { print, deps } = context;
  const { question = '', options = [] } = view.plan.clarify ?? {};
  print.note(`${print.noteColors.yellow('Which is meant?')} ${visibleLine(question)}`);
  for (const [index, { label, prompt }] of options.entries()) {
    print.note(`  ${index + 1}  ${visibleLine(label)}  ${print.noteColors.dim(visibleLine(prompt))}`);
  }
  if (!context.interactive) return null;
  const words = options.length === 0 ? 'Say it in other words: ' : `1-${options.length}, or say it in other words: `;
  const answer = (await deps.terminal.ask(words))?.trim() ?? '';
  if (answer === '') return null;
  return /^\d{1,2}$/.test(answer) ? (options[Number(answer) - 1]?.prompt ?? null) : answer;
}

/** Turns a sentence into a plan, asking back where it may mean several things; shows the plan and what was read as what. */
export async function askPlan(
  context: Context,
  sentence: string,
  options: Pick<ProposalOptions, 'target' | 'project' | 'env'>,
): Promise<AskedPlan> {
  const { print } = context;
  let prompt = sentence;
  for (let asked = 0; ; asked += 1) {
    const view = await planPrompt(context, prompt, options);
    for (const line of unreadLines(view)) print.note(print.noteColors.yellow(line));
    if (view.kind === 'refuse') return refuse(context, view);
    if (view.kind === 'plan') {
      print.shown(renderPlanned(view, print.colors));
      return { kind: 'plan', view, prompt };
    }
    const next = asked < mostQuestions ? await askBack(context, view) : null;
    if (next === null) {
      print.note('Nothing was proposed.');
      print.document(view);
      return { kind: 'end', exit: context.interactive ? 1 : exitOf('E_TARGET_AMBIGUOUS') };
    }
    prompt = next;
  }
}
