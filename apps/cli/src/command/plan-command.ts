import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CodedError, readJson, StepInput } from '@countersign/protocol';
import type { Command } from 'commander';
import { proposeSteps } from '../flow/propose.ts';
import { explainWaiting } from '../flow/waiting.ts';
import { findAction, gatherInputs } from '../input/gather-inputs.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { exitOfPlan } from '../program/exit-code.ts';
import { addProposalOptions, type ProposalOptions } from './proposal-options.ts';

interface PlanOptions extends ProposalOptions {
  readonly file?: string;
}

/** Steps from a file: a JSON list of `{action, inputs}`, or an object with that list as `steps`. */
async function stepsIn(cwd: string, file: string): Promise<StepInput[]> {
  const refuse = (why: string, cause?: unknown) =>
    new CodedError(
      'E_VALIDATION',
      `${file}: ${why}`,
      { field: '--file', expected: '[{"action": …, "inputs": {…}}]' },
      { cause },
    );
  let value: unknown;
  try {
    value = readJson(await readFile(resolve(cwd, file), 'utf8'));
  } catch (cause) {
    throw refuse(cause instanceof Error ? cause.message : 'unreadable', cause);
  }
  const list = typeof value === 'object' && value !== null && 'steps' in value ? value.steps : value;
  const steps = StepInput.array().min(1).max(64).safeParse(list);
  if (steps.success) return steps.data;
  const [issue] = steps.error.issues;
  throw refuse(`step ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'does not fit'}`);
}

/** `countersign plan`: proposes and shows the plan, and runs nothing. */
export function configure(command: Command, session: Session): void {
  addCommonOptions(addProposalOptions(command, '[action]').option('--file <path>', 'several steps from a JSON file'));
  addExamples(
    command,
    'countersign plan repo.write_files --env prod --write app.conf=@app.conf -m "raise the limit"',
    'countersign plan --file steps.json --target sandbox-dev --json',
  );
  setAction<PlanOptions, [string | undefined, string[]]>(command, session, async (context, options, name, words) => {
    if ((name === undefined) === (options.file === undefined)) {
      const next = 'countersign plan <action> …, or countersign plan --file steps.json';
      throw new CodedError('E_VALIDATION', 'give either an action or --file', { next });
    }
    const steps =
      name === undefined
        ? await stepsIn(context.deps.cwd, options.file ?? '')
        : [{ action: name, inputs: await gatherInputs(context, await findAction(context, name), words, options) }];
    const operation = await proposeSteps(context, steps, options);
    const exit = exitOfPlan(operation);
    if (exit === 0) explainWaiting(context, operation);
    context.print.document(operation);
    return exit;
  });
}
