import { type PlannedBy, Uuid } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import type { Vault } from '../secret/vault.ts';

const digits = 12;

interface Keyed {
  readonly vault: Pick<Vault, 'fingerprint'>;
}

function markOf({ vault }: Keyed, head: string): string {
  const [, hex = ''] = vault.fingerprint(`a model planned this: ${head}`).split(':');
  return hex.slice(0, digits);
}

/**
 * A request id for a step that a model wrote. Its last 48 bits are keyed by the rest, so that the server knows it again when the
 * step is handed in, whatever is said of it then. Who hands it in under another id proposes as that person, which they may anyway.
 */
export function modelRequestId(context: Keyed & Pick<EngineContext, 'ids'>): string {
  const head = context.ids.next().slice(0, -digits);
  return head + markOf(context, head);
}

/** Who planned a proposal: a model, where its request id was given to a step that a model wrote; else what is said. */
export function plannedBy(context: Keyed, requestId: string | undefined, said: PlannedBy | null): PlannedBy | null {
  if (said?.planner === 'model' || requestId === undefined || !Uuid.safeParse(requestId).success) return said;
  const head = requestId.slice(0, -digits);
  if (requestId !== head + markOf(context, head)) return said;
  return {
    plan_id: requestId,
    planner: 'model',
    provider: said?.provider ?? 'unknown',
    model: said?.model ?? 'unknown',
  };
}
