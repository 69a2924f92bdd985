import { type GroupRecord, inWaves, type Operation } from '@countersign/kernel';
import {
  type AuditBody,
  accept,
  JsonObject,
  type Outcome,
  type Refusal,
  refuse,
  type SelectionRequest,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { admitProposal } from '../operation/admit-proposal.ts';
import { claimKey, findKey, type IdempotencyKey } from '../operation/idempotency-key.ts';
import { type PreparedOperation, prepareOperation } from '../operation/prepare-operation.ts';
import { insertPlanned, newOperation } from '../operation/propose-operation.ts';
import { plannedBy } from '../planner/model-mark.ts';
import { resolveSelection, type Selected } from './resolve-selection.ts';

interface Admitted {
  readonly selected: Selected;
  readonly prepared: PreparedOperation;
  readonly operation: Operation;
}

/** A group as an audit subject. */
export function groupSubject(id: string): AuditBody['subject'] {
  return { kind: 'group', id };
}

function keyOf({ request_id: key, ...body }: SelectionRequest): IdempotencyKey {
  return { route: 'groups.selection', key, body: JsonObject.parse(body) };
}

function naming(refusal: Refusal, { target, name }: Selected): Refusal {
  return { ...refusal, message: `${name} on ${target.name}: ${refusal.message}` };
}

async function admit(
  context: EngineContext,
  caller: Caller,
  request: SelectionRequest,
  { selected, field, groupId }: { readonly selected: Selected; readonly field: string; readonly groupId: string },
): Promise<Outcome<Admitted>> {
  const { name: target, project, environment } = selected.target;
  const steps = [{ action: request.action, inputs: { ...request.inputs, [field]: selected.called } }];
  const prepared = await prepareOperation(context, caller, { target, project, environment }, steps);
  if (!prepared.ok) return naming(prepared, selected);
  const admitted = await admitProposal(context, caller, prepared.value);
  if (!admitted.ok) return naming(admitted, selected);
  const proposal = {
    start: 'manual',
    note: request.note ?? '',
    plannedBy: plannedBy(context, request.request_id, request.planned_by ?? null),
    origin: 'api',
    rollbackOf: null,
  } as const;
  const operation = newOperation(context, caller, proposal, prepared.value, groupId);
  return accept({ selected, prepared: prepared.value, operation });
}

function recordOf(
  context: EngineContext,
  caller: Caller,
  request: SelectionRequest,
  groupId: string,
  admitted: readonly Admitted[],
): GroupRecord {
  const members = admitted.map(({ selected, operation }) => ({
    opId: operation.id,
    target: selected.target.name,
    name: selected.name,
  }));
  const now = context.clock.now();
  return {
    id: groupId,
    state: 'waiting',
    action: request.action,
    labels: request.labels ?? null,
    waves: inWaves(members, request.waves),
    begun: 0,
    requester: { name: caller.principal.name, root: caller.principal.root },
    start: null,
    stop: null,
    correlationId: caller.correlationId,
    createdAt: now,
    updatedAt: now,
  };
}

/** The group that stands under a key already. */
async function standingGroup(
  context: EngineContext,
  caller: Caller,
  request: SelectionRequest,
): Promise<Outcome<string> | null> {
  return await context.store.read(async (reads) => {
    const found = await findKey(context, reads, caller, keyOf(request));
    if (found === null || !found.ok) return found;
    const groupId = (await reads.operations.get(found.value))?.groupId;
    return groupId == null
      ? refuse('E_NOT_FOUND', 'that group is gone', { next: 'use a new request_id' })
      : accept(groupId);
  });
}

/**
 * Proposes one action for everything that a selector names now, all or none: each becomes an operation with its own plan, digest
 * and run, and all are written in one unit with the waves that they run in. Nothing runs before the group is started. The same
 * request id answers the same group, whatever the selector would name by then.
 */
export async function proposeSelection(
  context: EngineContext,
  caller: Caller,
  request: SelectionRequest,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  const standing = await standingGroup(context, caller, request);
  if (standing !== null) return standing;
  const resolved = await resolveSelection(context, caller, request, signal);
  if (!resolved.ok) return resolved;
  const groupId = context.ids.next();
  const admitted: Admitted[] = [];
  for (const selected of resolved.value.selected) {
    const one = await admit(context, caller, request, { selected, field: resolved.value.field, groupId });
    if (!one.ok) return one;
    admitted.push(one.value);
  }
  const group = recordOf(context, caller, request, groupId, admitted);
  return await commit(context, 'group', async (unit): Promise<Outcome<string>> => {
    const first = admitted[0]?.operation.id ?? '';
    const claimed = await claimKey(context, unit, caller, first, keyOf(request));
    if (!claimed.ok) return claimed;
    if (claimed.value !== first) return accept((await unit.operations.get(claimed.value))?.groupId ?? groupId);
    for (const { operation, prepared } of admitted) {
      await insertPlanned(context, unit, caller, operation, prepared.sealed);
    }
    await unit.groups.insert(group);
    await recordAudit(context, unit, {
      event: 'group.proposed',
      actor: actorOf(caller.principal),
      subject: groupSubject(groupId),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: {
        action: group.action,
        labels: group.labels,
        waves: group.waves.map((wave) => wave.map(({ opId, target, name }) => ({ op_id: opId, target, name }))),
      },
    });
    return accept(groupId);
  });
}
