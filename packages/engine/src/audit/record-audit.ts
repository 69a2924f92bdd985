import { canonicalJson, leafHash, toHex, utf8 } from '@countersign/evidence';
import type { Operation, Unit } from '@countersign/kernel';
import type { AuditBody, AuditEventName, AuditPlace, JsonObject } from '@countersign/protocol';
import type { Actor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

export interface AuditFact {
  readonly event: AuditEventName;
  readonly actor: Actor;
  readonly subject: AuditBody['subject'];
  readonly outcome: AuditBody['outcome'];
  readonly correlationId: string;
  readonly detail?: JsonObject;
}

/** Appends an entry in the unit of the change it tells of; answers its id. */
export async function recordAudit(context: EngineContext, unit: Unit, fact: AuditFact): Promise<string> {
  const body: AuditBody = {
    schema: 'countersign.audit.v1',
    entry_id: context.ids.next(),
    at: context.clock.now(),
    event: fact.event,
    actor: fact.actor,
    subject: fact.subject,
    outcome: fact.outcome,
    correlation_id: fact.correlationId,
    detail: fact.detail ?? {},
  };
  const text = canonicalJson(body);
  await unit.audit.append({ body, text, leafHash: toHex(leafHash(utf8(text), context.sha256)) });
  unit.afterCommit(() => context.auditCounts.note(body));
  return body.entry_id;
}

/** An operation as an audit subject. */
export function operationSubject(id: string): AuditBody['subject'] {
  return { kind: 'operation', id };
}

/** Where an operation acts, for an entry's detail: measures are asked for by project and environment. */
export function placeOf({ target }: Pick<Operation, 'target'>): AuditPlace {
  const { project, environment, tier } = target;
  return { project, environment, tier };
}

/** Records a fact that changes nothing else, such as a refusal. */
export async function recordAlone(context: EngineContext, fact: AuditFact): Promise<void> {
  await commit(context, 'record', (unit) => recordAudit(context, unit, fact));
}
