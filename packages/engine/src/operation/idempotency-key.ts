import { canonicalJson } from '@countersign/evidence';
import type { IdempotencyRecord, Reads, Unit } from '@countersign/kernel';
import { accept, type JsonObject, type Outcome, refuse } from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

/** A caller's key on one route, and the body it is bound to. */
export interface IdempotencyKey {
  readonly route: string;
  readonly key: string;
  readonly body: JsonObject;
}

function fingerprintOf(context: EngineContext, body: JsonObject): string {
  return context.vault.fingerprint(canonicalJson(body));
}

function judge(record: IdempotencyRecord, fingerprint: string): Outcome<string> {
  if (record.fingerprint === fingerprint) return accept(record.operationId);
  return refuse('E_IDEMPOTENCY_CONFLICT', `request id "${record.key}" was used with another body`, {
    field: 'request_id',
    op_id: record.operationId,
    next: 'use a new request_id for a new request',
  });
}

/** The operation that stands under a key already, or null. Asked before anything else: a repeated request is answered whatever changed meanwhile. */
export async function findKey(
  context: EngineContext,
  reads: Pick<Reads, 'idempotency'>,
  caller: Caller,
  idempotency: IdempotencyKey | null,
): Promise<Outcome<string> | null> {
  if (idempotency === null) return null;
  const record = await reads.idempotency.get(caller.principal.id, idempotency.route, idempotency.key);
  return record === null ? null : judge(record, fingerprintOf(context, idempotency.body));
}

/** Claims a key for an operation; answers the operation that stands under the key. */
export async function claimKey(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  operationId: string,
  { route, key, body }: IdempotencyKey,
): Promise<Outcome<string>> {
  const fingerprint = fingerprintOf(context, body);
  const record = await unit.idempotency.claim({
    principal: caller.principal.id,
    route,
    key,
    fingerprint,
    operationId,
    createdAt: context.clock.now(),
  });
  return judge(record, fingerprint);
}

/** Gives a key that stands for `from` to another operation; false where it stands for something else by now. */
export async function rebindKey(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  operationId: string,
  { route, key, body }: IdempotencyKey,
  from: string,
): Promise<boolean> {
  const record = {
    principal: caller.principal.id,
    route,
    key,
    fingerprint: fingerprintOf(context, body),
    operationId,
    createdAt: context.clock.now(),
  };
  return await unit.idempotency.rebind(record, from);
}
