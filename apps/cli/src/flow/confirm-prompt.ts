import { CodedError, type OperationView } from '@countersign/protocol';
import type { Context } from '../program/context.ts';
import { riskText, targetText } from '../render/operation.ts';

/** Risk and exact target, which stand before every question. */
export function printStakes(context: Context, operation: OperationView): void {
  const { noteColors: colors } = context.print;
  const effect = operation.effect === 'destructive' ? `, ${colors.red('destructive')}` : '';
  const stakes = `risk ${riskText(operation, colors)}${effect}, target ${colors.bold(targetText(operation.target))}`;
  context.print.note(`\n${stakes}`);
}

/** The refusal of a command that would have to ask where nobody can be asked. */
export function nobodyToAsk(operation: OperationView, what: string): CodedError {
  const { op_id: opId } = operation;
  const next = [`the same with --yes, or on a terminal: countersign start ${opId}`];
  return new CodedError('E_APPROVAL_REQUIRED', `${what}, and nobody can be asked here`, { op_id: opId, next });
}

/** Asks for a yes. */
export async function askYes(context: Context, operation: OperationView, question: string): Promise<boolean> {
  printStakes(context, operation);
  const answer = await context.deps.terminal.ask(`${question} [y/N] `);
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}

/** Asks for the target's name: a yes that cannot be given without having read where it goes. */
export async function askTargetName(context: Context, operation: OperationView, verb: string): Promise<boolean> {
  printStakes(context, operation);
  const { name } = operation.target;
  const answer = await context.deps.terminal.ask(`Type the target's name (${name}) to ${verb}: `);
  const said = answer?.trim() ?? '';
  if (said !== name && said !== '') context.print.note(`That is not ${name}.`);
  return said === name;
}
