import type { Client } from '@countersign/client';

/** What the server knows that a word may name. */
export type ValueKind = 'operation' | 'action' | 'target' | 'project' | 'environment' | 'bundle' | 'event';

/** A word with what it is. */
export interface KnownValue {
  readonly value: string;
  readonly description: string;
}

/** Longer than this nobody waits for a completion. */
const patienceMs = 1000;
const newest = 50;

async function fetchValues(client: Client, kind: ValueKind): Promise<KnownValue[]> {
  if (kind === 'action') {
    const { actions } = await client.call('actions');
    return actions.map(({ name, title }) => ({ value: name, description: title }));
  }
  if (kind === 'operation' || kind === 'bundle') {
    const { operations } = await client.call('opsList', { query: { limit: newest } });
    return operations.map((operation) => ({
      value: kind === 'operation' ? operation.op_id : operation.bundle_id,
      description: `${operation.display} ${operation.steps[0]?.action ?? ''} on ${operation.target.name}`,
    }));
  }
  if (kind === 'event') {
    const { auditEvents } = await import('@countersign/protocol');
    return Object.entries(auditEvents).map(([value, description]) => ({ value, description }));
  }
  const { targets } = await client.call('targets');
  const described = targets.map((target) => ({
    value: kind === 'target' ? target.name : target[kind],
    description: kind === 'target' ? `${target.connector}, ${target.project} ${target.environment}` : '',
  }));
  return [...new Map(described.map((each) => [each.value, each])).values()];
}

/** Values of a kind; none where the server does not answer in time, because a completion is no place for an error. */
export async function knownValues(client: Client, kind: ValueKind): Promise<KnownValue[]> {
  const late = new Promise<KnownValue[]>((resolve) => {
    setTimeout(() => resolve([]), patienceMs).unref();
  });
  return await Promise.race([fetchValues(client, kind).catch(() => []), late]);
}
