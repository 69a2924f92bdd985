import type { Operation, Reads } from '@countersign/kernel';
import { accept, type Outcome, refuse } from '@countersign/protocol';

/** Whoever wants to run one operation of a group that runs in waves is sent to the group: alone it would run out of its turn. */
export async function refuseMember(
  reads: Pick<Reads, 'groups'>,
  { groupId }: Pick<Operation, 'groupId'>,
): Promise<Outcome<null>> {
  const group = groupId === null ? null : await reads.groups.get(groupId);
  if (group === null) return accept(null);
  return refuse('E_STATE', `it runs in its turn, with the waves of group ${group.id}`, {
    group_id: group.id,
    next: `countersign group ${group.state === 'waiting' ? 'start' : 'show'} ${group.id}`,
  });
}

/** The steps of one of a group stay what its table says: nobody signs a list of which one has become something else. */
export async function refuseOtherSteps(
  reads: Pick<Reads, 'groups'>,
  { groupId }: Pick<Operation, 'groupId'>,
): Promise<Outcome<null>> {
  const group = groupId === null ? null : await reads.groups.get(groupId);
  if (group === null) return accept(null);
  return refuse('E_STATE', `its steps are those of group ${group.id}, which runs in waves; they cannot change`, {
    group_id: group.id,
    next: `countersign group stop ${group.id}`,
  });
}
