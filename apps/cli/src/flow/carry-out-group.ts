import { CodedError, type GroupView } from '@countersign/protocol';
import { audited } from '../local-audit/audited.ts';
import type { Context } from '../program/context.ts';
import { exitOf, exitOfPlan } from '../program/exit-code.ts';
import { askGroup } from './ask-group.ts';
import { listedPlans, openOperations, subjectOfGroup } from './group-list.ts';
import { hasObligation } from './waiting.ts';
import { tellGroup, watchGroup } from './watch-group.ts';

/** How far to go, and what may be skipped. */
interface GroupOptions {
  readonly command: string;
  readonly yes: boolean;
  readonly detach: boolean;
}

/** The requester signs the list that was shown, in one statement and with the one-time token for it. */
export async function confirmGroup(context: Context, command: string, group: GroupView): Promise<GroupView> {
  const operations = listedPlans(group);
  const params = { group_id: group.group_id };
  const call = async () => {
    const { confirmation } = await context.client.call('groupConfirmation', { params, body: {} });
    return await context.client.call('groupConfirm', { params, body: { operations, confirmation } });
  };
  return await audited(context, command, subjectOfGroup(group), call, () => 'confirmed');
}

/** Starts the first wave by exactly the plans that were shown. */
export async function startGroup(context: Context, command: string, group: GroupView): Promise<GroupView> {
  const operations = listedPlans(group);
  const params = { group_id: group.group_id };
  const call = () => context.client.call('groupStart', { params, body: { operations } });
  return await audited(context, command, subjectOfGroup(group), call, () => 'started');
}

function refused(context: Context, group: GroupView): number {
  const bad = group.operations.find((operation) => exitOfPlan(operation) !== 0);
  if (bad === undefined) return 0;
  context.print.note(`${context.print.noteColors.red('Not run')}: ${bad.op_id} is ${bad.display}.`);
  tellGroup(context, group);
  return exitOfPlan(bad);
}

/**
 * Brings a group whose plans were just shown to its end: confirms the list where policy wants it, starts it, and follows its waves.
 * Where other people must approve it says so. Answers the exit code.
 */
export async function carryOutGroup(context: Context, shown: GroupView, options: GroupOptions): Promise<number> {
  const { print } = context;
  const exit = refused(context, shown);
  if (exit !== 0) return exit;
  let group = shown;
  let asked = options.yes;
  const wantsConfirmation = openOperations(group).some((operation) => hasObligation(operation, 'confirm'));
  const question = wantsConfirmation ? 'Confirm and run all of these?' : 'Run all of these?';
  const mayAsk = wantsConfirmation || openOperations(group).every(({ verdict }) => verdict?.decision === 'allow');
  if (mayAsk && !asked) {
    if (!context.interactive) {
      const next = [`the same with --yes, or on a terminal: countersign group start ${group.group_id}`];
      throw new CodedError('E_APPROVAL_REQUIRED', 'a group needs a yes, and nobody can be asked here', { next });
    }
    asked = await askGroup(context, group, question);
    if (!asked) {
      print.next(`Nothing was run. The plans are kept: countersign group start ${group.group_id}`);
      print.document(group);
      return 1;
    }
  }
  if (wantsConfirmation) group = await confirmGroup(context, options.command, group);
  if (openOperations(group).some(({ verdict }) => verdict?.decision !== 'allow')) {
    print.note(`\n${print.noteColors.yellow('Waiting')}: other people must approve the list, in one statement:`);
    print.next(`  countersign group approve ${group.group_id}`);
    print.next(`then run it:\n  countersign group start ${group.group_id}`);
    print.document(group);
    return exitOf('E_APPROVAL_REQUIRED');
  }
  // By the plans that were shown, whatever was made anew since.
  const started = await startGroup(context, options.command, shown);
  if (!options.detach) return await watchGroup(context, group.group_id);
  return tellGroup(context, started);
}
