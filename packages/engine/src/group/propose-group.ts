import type { Operation, Unit } from '@countersign/kernel';
import { accept, CodedError, type GroupRequest, JsonObject, type Outcome, type Refusal } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { admitProposal } from '../operation/admit-proposal.ts';
import { claimKey, findKey, type IdempotencyKey } from '../operation/idempotency-key.ts';
import { type PreparedOperation, prepareOperation, refuseReserved } from '../operation/prepare-operation.ts';
import { insertPlanned, newOperation } from '../operation/propose-operation.ts';
import { plannedBy } from '../planner/model-mark.ts';
import { admitRead, insertRead } from '../run/execute-read.ts';

type Action = GroupRequest['actions'][number];

/** An action that this caller may ask for, as the operation that it would be. */
interface Admitted {
  readonly operation: Operation;
  readonly prepared: PreparedOperation;
  readonly key: IdempotencyKey;
}

/** A refusal that says which of the actions it is about. */
function naming(refusal: Refusal, index: number, { action }: Action): Refusal {
  const { field } = refusal.detail;
  const inner = typeof field === 'string' ? field.replace(/^\/?(?:steps\/0\/)?/, '') : '';
  return {
    ...refusal,
    message: `action ${index} (${action}): ${refusal.message}`,
    detail: { ...refusal.detail, index, action, field: `/actions/${index}${inner === '' ? '' : `/${inner}`}` },
  };
}

/** The caller's own key for an action, bound to what is asked. */
function keyOf({ request_id: key, action, inputs, ...selector }: Action): IdempotencyKey {
  return { route: 'groups', key, body: JsonObject.parse({ ...selector, action, inputs }) };
}

async function admit(
  context: EngineContext,
  caller: Caller,
  asked: Action,
  { planned_by: said }: GroupRequest,
  groupId: string,
): Promise<Outcome<Admitted>> {
  const { request_id: requestId, action, inputs, ...selector } = asked;
  const reserved = refuseReserved(action);
  if (!reserved.ok) return reserved;
  const prepared = await prepareOperation(context, caller, selectorFrom(selector), [{ action, inputs }]);
  if (!prepared.ok) return prepared;
  const key = keyOf(asked);
  if (prepared.value.actions.every(({ effect }) => effect === 'read')) {
    const read = await admitRead(context, caller, prepared.value, groupId);
    return read.ok ? accept({ operation: read.value, prepared: prepared.value, key }) : read;
  }
  const admitted = await admitProposal(context, caller, prepared.value);
  if (!admitted.ok) return admitted;
  const proposal = {
    start: 'when_allowed',
    note: '',
    plannedBy: plannedBy(context, requestId, said ?? null),
    origin: 'action',
    rollbackOf: null,
  } as const;
  const operation = newOperation(context, caller, proposal, prepared.value, groupId);
  return accept({ operation, prepared: prepared.value, key });
}

function selectorFrom({ target, project, environment }: Pick<Action, 'target' | 'project' | 'environment'>) {
  return {
    ...(target === undefined ? {} : { target }),
    ...(project === undefined ? {} : { project }),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** What stands under the keys of these actions already, by their place; a key that was used for something else ends all. */
async function standingUnder(
  context: EngineContext,
  caller: Caller,
  actions: readonly Action[],
): Promise<Outcome<{ standing: ReadonlyMap<number, string>; groupId: string | null }>> {
  return await context.store.read(async (reads) => {
    const standing = new Map<number, string>();
    for (const [index, action] of actions.entries()) {
      const found = await findKey(context, reads, caller, keyOf(action));
      if (found?.ok === false) return naming(found, index, action);
      if (found !== null) standing.set(index, found.value);
    }
    const [first] = standing.values();
    const operation = first === undefined ? null : await reads.operations.get(first);
    return accept({ standing, groupId: operation?.groupId ?? null });
  });
}

/**
 * Takes the key of each action before any is written; answers what stands under each, in order. One that is taken by another
 * request ends all.
 */
async function claimAll(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  wanted: readonly (Admitted | string)[],
): Promise<string[]> {
  const ids: string[] = [];
  for (const each of wanted) {
    if (typeof each === 'string') {
      ids.push(each);
      continue;
    }
    const claimed = await claimKey(context, unit, caller, each.operation.id, each.key);
    // A unit that throws leaves nothing of what it claimed.
    if (!claimed.ok) throw new CodedError(claimed.code, claimed.message, claimed.detail);
    ids.push(claimed.value);
  }
  return ids;
}

/**
 * Takes several actions, all or none: each is resolved, validated and asked about before the first is written, and all are written
 * in one unit. A change runs by itself where policy allows it, else it waits with its plan. Actions that were taken before under
 * their request ids are answered as they stand, whatever changed meanwhile; what is new beside them joins their group.
 */
export async function proposeGroup(
  context: EngineContext,
  caller: Caller,
  request: GroupRequest,
): Promise<Outcome<{ groupId: string; opIds: readonly string[] }>> {
  const found = await standingUnder(context, caller, request.actions);
  if (!found.ok) return found;
  const { standing } = found.value;
  const groupId = found.value.groupId ?? context.ids.next();
  const wanted: (Admitted | string)[] = [];
  for (const [index, action] of request.actions.entries()) {
    const stands = standing.get(index);
    const admitted = stands === undefined ? await admit(context, caller, action, request, groupId) : accept(stands);
    if (!admitted.ok) return naming(admitted, index, action);
    wanted.push(admitted.value);
  }
  return await commit(context, 'group', async (unit) => {
    const opIds = await claimAll(context, unit, caller, wanted);
    for (const [index, each] of wanted.entries()) {
      if (typeof each === 'string' || opIds[index] !== each.operation.id) continue;
      const { operation, prepared } = each;
      if (operation.effect === 'read') await insertRead(context, unit, operation, prepared.sealed);
      else await insertPlanned(context, unit, caller, operation, prepared.sealed);
    }
    const [first] = opIds;
    const stands = first === undefined ? null : await unit.operations.get(first);
    return accept({ groupId: stands?.groupId ?? groupId, opIds });
  });
}
