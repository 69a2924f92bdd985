import { accept, type Outcome, type ProviderHealthView, refuse } from '@countersign/protocol';
import { recordAlone } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';

const mostModels = 100;

function nextOf(detail: Readonly<Record<string, unknown>>): string {
  const { next } = detail;
  return typeof next === 'string' ? next : 'see docs/providers.md';
}

/** Asks a provider whether it answers, and which models it offers. That it does not is an answer too. E_NOT_FOUND for an unknown name. */
export async function testProvider(
  context: EngineContext,
  caller: Caller,
  name: string,
  signal: AbortSignal,
): Promise<Outcome<ProviderHealthView>> {
  const provider = context.providers.named(name);
  if (provider === null) {
    return refuse('E_NOT_FOUND', `there is no provider "${name}"`, { next: 'see `countersign provider ls`' });
  }
  const health = await provider.healthcheck(signal);
  await recordAlone(context, {
    event: 'provider.tested',
    actor: actorOf(caller.principal),
    subject: { kind: 'provider', id: name },
    outcome: health.ok ? 'ok' : 'failed',
    correlationId: caller.correlationId,
    detail: health.ok ? { latency_ms: health.value.latencyMs } : { code: health.code },
  });
  if (!health.ok) {
    const { code, message, detail } = health;
    const error = { code, message, next: nextOf(detail) };
    return accept({ name, ok: false, latency_ms: null, models: [], has_model: null, error });
  }
  const { latencyMs, models } = health.value;
  return accept({
    name,
    ok: true,
    latency_ms: latencyMs,
    models: models.slice(0, mostModels),
    has_model: models.length === 0 ? null : models.includes(provider.model),
    error: null,
  });
}
