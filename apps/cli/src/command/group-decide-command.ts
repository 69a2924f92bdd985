import { CodedError, type GroupView } from '@countersign/protocol';
import type { Command } from 'commander';
import { askGroup } from '../flow/ask-group.ts';
import { confirmGroup } from '../flow/carry-out-group.ts';
import { assertFreshProof } from '../flow/decidable.ts';
import { listedPlans, openOperations, plannedGroup, subjectOfGroup } from '../flow/group-list.ts';
import { tellGroup } from '../flow/watch-group.ts';
import { audited } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { type Context, setAction } from '../program/context.ts';
import { renderList } from '../render/group.ts';

interface DecideOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly comment?: string;
}

const example = '0198f2a4-7c1e-7000-8000-2f6f1c3a9b10';

/** Shows every plan of a group, and asks; null where the person does not agree. */
async function agreedList(context: Context, id: string, verb: string, yes: boolean): Promise<GroupView | null> {
  const group = await plannedGroup(context, id);
  context.print.shown(renderList(group, context.print.colors));
  listedPlans(group);
  for (const operation of openOperations(group)) assertFreshProof(operation);
  if (yes) return group;
  if (!context.interactive) {
    const next = [`the same with --yes, or on a terminal: countersign group ${verb} ${id}`];
    throw new CodedError('E_APPROVAL_REQUIRED', 'a signature needs a yes, and nobody can be asked here', { next });
  }
  if (await askGroup(context, group, `Sign: ${verb} exactly these plans?`)) return group;
  context.print.note('Not signed.');
  context.print.document(group);
  return null;
}

/** The one-time token with which somebody approves their own proposal, which the solo profile takes; null where that is not so. */
async function ownConfirmation({ client }: Context, group: GroupView): Promise<string | null> {
  const [first] = openOperations(group);
  if (first?.verdict?.profile !== 'solo') return null;
  const { root } = await client.call('whoami');
  if (root !== first.requester.root) return null;
  return (await client.call('groupConfirmation', { params: { group_id: group.group_id }, body: {} })).confirmation;
}

/** `countersign group approve`: a person signs exactly the list that is shown. */
export function configureGroupApprove(command: Command, session: Session): void {
  command
    .argument('<group>', 'id of the group')
    .option('--comment <text>', 'kept with the approval')
    .option('-y, --yes', 'do not ask');
  addCommonOptions(command);
  addExamples(command, `countersign group approve ${example} --comment "checked with the team"`);
  setAction<DecideOptions, [string]>(command, session, async (context, { yes = false, comment }, id) => {
    const group = await agreedList(context, id, 'approve', yes);
    if (group === null) return 1;
    const call = async () => {
      const confirmation = await ownConfirmation(context, group);
      const body = {
        operations: listedPlans(group),
        ...(confirmation !== null && { confirmation }),
        ...(comment !== undefined && { comment }),
      };
      return await context.client.call('groupApprove', { params: { group_id: id }, body });
    };
    tellGroup(context, await audited(context, 'group approve', subjectOfGroup(group), call, () => 'approved'));
    return 0;
  });
}

/** `countersign group confirm`: the requester signs exactly the list that is shown; nothing is run yet. */
export function configureGroupConfirm(command: Command, session: Session): void {
  addCommonOptions(command.argument('<group>', 'id of the group').option('-y, --yes', 'do not ask'));
  addExamples(command, `countersign group confirm ${example}`);
  setAction<DecideOptions, [string]>(command, session, async (context, { yes = false }, id) => {
    const group = await agreedList(context, id, 'confirm', yes);
    if (group === null) return 1;
    tellGroup(context, await confirmGroup(context, 'group confirm', group));
    return 0;
  });
}
