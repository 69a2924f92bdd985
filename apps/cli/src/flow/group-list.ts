import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, type GroupView, type ListedPlan, type OperationView } from '@countersign/protocol';
import { type AuditSubject, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Context } from '../program/context.ts';
import { startSpinner } from '../terminal/spinner.ts';

const pauseMs = 300;
const patienceMs = 10 * 60_000;

/** A group by its id. */
export async function fetchGroup({ client }: Context, groupId: string): Promise<GroupView> {
  return await client.call('groupGet', { params: { group_id: groupId } });
}

/** A group once everything in it is planned; E_TIMEOUT after ten minutes, where planning goes on by itself. */
export async function plannedGroup(context: Context, groupId: string): Promise<GroupView> {
  const spinner = startSpinner(context.deps.terminal.stderr, !context.print.json);
  const until = context.deps.now() + patienceMs;
  try {
    for (;;) {
      const group = await fetchGroup(context, groupId);
      const left = group.operations.filter(({ state }) => state === 'planning').length;
      if (left === 0) return group;
      spinner.say(`planning, ${left} left`);
      if (context.deps.now() > until) {
        const next = `countersign group show ${groupId}`;
        throw new CodedError('E_TIMEOUT', 'the plans are still being made', { group_id: groupId, next });
      }
      await sleep(pauseMs);
    }
  } finally {
    spinner.stop();
  }
}

/** Operations whose plan waits or is ready. */
export function openOperations({ operations }: GroupView): OperationView[] {
  return operations.filter(({ state, run, plan }) => state === 'planned' && run === null && plan?.digest != null);
}

/** The list of plans as it was shown, for a decision or a start that names it. E_STATE where nothing is open. */
export function listedPlans(group: GroupView): ListedPlan[] {
  const open = openOperations(group);
  if (open.length > 0) return open.map(({ op_id, plan }) => ({ op_id, digest: plan?.digest ?? '' }));
  throw new CodedError('E_STATE', 'no plan of this group is left to decide on', {
    group_id: group.group_id,
    next: `countersign group show ${group.group_id}`,
  });
}

/** What a change of a group is about, for the local audit. */
export function subjectOfGroup(group: GroupView): AuditSubject {
  return subjectWithoutOperation(`group ${group.group_id}`);
}
