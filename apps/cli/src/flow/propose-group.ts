import type { GroupView, StepInput } from '@countersign/protocol';
import type { ProposalOptions } from '../command/proposal-options.ts';
import type { selectionOf } from '../input/selection.ts';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Context } from '../program/context.ts';
import { renderList } from '../render/group.ts';
import { plannedGroup } from './group-list.ts';

/** Proposes one action for everything that is selected, waits for the plans and shows each. */
export async function proposeGroup(
  context: Context,
  { action, inputs }: StepInput,
  selection: NonNullable<ReturnType<typeof selectionOf>>,
  options: Pick<ProposalOptions, 'project' | 'env' | 'note' | 'requestId'>,
): Promise<GroupView> {
  const { project, env: environment, note, requestId } = options;
  const body = {
    action,
    inputs,
    ...selection,
    request_id: requestId ?? context.deps.randomId(),
    ...(project !== undefined && { project }),
    ...(environment !== undefined && { environment }),
    ...(note !== undefined && { note }),
  };
  const subject = { ...subjectWithoutOperation(selection.targets?.join(',') ?? '*'), action };
  const call = () => context.client.call('groupSelect', { body });
  const proposed = await audited(context, 'do', subject, call, ({ group_id: id }) => `proposed group ${id}`);
  const group = await plannedGroup(context, proposed.group_id);
  context.print.shown(renderList(group, context.print.colors));
  return group;
}
