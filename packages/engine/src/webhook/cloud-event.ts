import type { AuditEntry, Operation, Reads } from '@countersign/kernel';
import type { AuditBody, CloudEvent } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';

function summaryOf(operation: Operation): CloudEvent['data']['operation'] {
  const { target, effect, risk, steps, requester } = operation;
  return {
    op_id: operation.id,
    target: target.name,
    project: target.project,
    environment: target.environment,
    effect,
    risk,
    actions: [...new Set(steps.map(({ action }) => action))],
    requester: requester.name,
    ai: requester.ai,
  };
}

/** The event that tells of an entry. The same entry gives the same id, whenever and however often it is sent. */
export function cloudEvent(
  context: Pick<EngineContext, 'settings' | 'signIn'>,
  entry: { readonly body: AuditBody; readonly leafIndex: number | null },
  operation: Operation | null,
  type: string = entry.body.event,
): CloudEvent {
  const { body, leafIndex } = entry;
  return {
    specversion: '1.0',
    id: body.entry_id,
    source: `urn:countersign:${encodeURIComponent(context.settings.installation)}`,
    type: `countersign.${type}`,
    subject: `${body.subject.kind}/${body.subject.id}`,
    time: new Date(body.at).toISOString(),
    datacontenttype: 'application/json',
    data: {
      entry: body,
      leaf_index: leafIndex,
      link: operation === null ? null : `${context.signIn.settings.publicUrl}/ops/${operation.id}`,
      operation: operation === null ? null : summaryOf(operation),
    },
  };
}

/** The event of a stored entry, with the operation that it is about. */
export async function eventOfEntry(context: EngineContext, reads: Reads, entry: AuditEntry): Promise<CloudEvent> {
  const { kind, id } = entry.body.subject;
  const operation = kind === 'operation' ? await reads.operations.get(id) : null;
  return cloudEvent(context, entry, operation);
}
