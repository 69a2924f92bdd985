import type { OperationView } from '@countersign/protocol';
import { audited, subjectOf } from '../local-audit/audited.ts';
import type { Context } from '../program/context.ts';
import { exitOf, exitOfPlan } from '../program/exit-code.ts';
import { askTargetName, askYes, nobodyToAsk, printStakes } from './confirm-prompt.ts';
import { assertFreshProof, decidableDigest } from './decidable.ts';
import { finishRun } from './finish-run.ts';
import { explainWaiting, hasObligation } from './waiting.ts';

/** How far to go, and what may be skipped. */
export interface CarryOutOptions {
  readonly command: string;
  /** Answers every question with yes. */
  readonly yes: boolean;
  /** Starts the run without following it. */
  readonly detach: boolean;
}

/** Signs the requester's confirmation of exactly the plan that was shown, with a one-time token for it. */
export async function confirmPlan(context: Context, command: string, operation: OperationView): Promise<OperationView> {
  const digest = decidableDigest(operation);
  const params = { op_id: operation.op_id };
  return audited(
    context,
    command,
    subjectOf(operation),
    async () => {
      const { confirmation } = await context.client.call('opsConfirmation', { params, body: {} });
      return await context.client.call('opsConfirm', { params, body: { digest, confirmation } });
    },
    () => 'confirmed',
  );
}

function declined(context: Context, operation: OperationView): number {
  context.print.next(`Nothing was run. The plan is kept: countersign start ${operation.op_id}`);
  context.print.document(operation);
  return 1;
}

/** What stands in the way by itself: no plan, a denial, a failing check. Answers its exit code, or 0. */
function refusalOf(context: Context, operation: OperationView): number {
  const exit = exitOfPlan(operation);
  if (exit === 0) return 0;
  const why = operation.plan?.error
    ? 'there is no plan'
    : operation.verdict?.decision === 'deny'
      ? 'policy denies it'
      : 'a failing check blocks it';
  context.print.note(`${context.print.noteColors.red('Not run')}: ${why}.`);
  for (const step of operation.next) context.print.next(`  ${step}`);
  context.print.document(operation);
  return exit;
}

/**
 * Brings a planned operation that was just shown to its end: asks, confirms where policy wants it, starts the run of
 * exactly the shown digest, follows it, and tells the outcome. Answers the exit code; with `--json` prints the operation.
 */
export async function carryOut(context: Context, shown: OperationView, options: CarryOutOptions): Promise<number> {
  const refused = refusalOf(context, shown);
  if (refused !== 0) return refused;
  const digest = decidableDigest(shown);
  let operation = shown;
  let asked = options.yes;
  if (options.yes) printStakes(context, operation);
  if (hasObligation(operation, 'confirm')) {
    assertFreshProof(operation);
    if (!asked && !context.interactive) {
      explainWaiting(context, operation);
      context.print.document(operation);
      return exitOf('E_APPROVAL_REQUIRED');
    }
    asked = asked || (await askTargetName(context, operation, 'confirm'));
    if (!asked) return declined(context, operation);
    operation = await confirmPlan(context, options.command, operation);
  }
  if (operation.verdict?.decision !== 'allow') {
    explainWaiting(context, operation);
    context.print.document(operation);
    return exitOf(operation.verdict?.decision === 'deny' ? 'E_POLICY_DENIED' : 'E_APPROVAL_REQUIRED');
  }
  if (!asked && !context.interactive) throw nobodyToAsk(operation, 'the run needs a yes');
  if (!asked && !(await askYes(context, operation, 'Run this?'))) return declined(context, operation);
  return run(context, operation, digest, options);
}

async function run(
  context: Context,
  operation: OperationView,
  digest: string,
  options: CarryOutOptions,
): Promise<number> {
  const { client, deps, print } = context;
  const body = { op_id: operation.op_id, digest, request_id: deps.randomId() };
  const started = await audited(
    context,
    options.command,
    subjectOf(operation),
    () => client.call('opsExecute', { body }),
    ({ run_id: runId }) => `started ${runId}`,
  );
  if (!options.detach) return finishRun(context, operation.op_id, options.command);
  print.note(`Started. Follow it: countersign logs -f ${operation.op_id}`);
  print.document(started);
  return 0;
}
