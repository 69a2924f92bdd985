import type { DeadLetter, Reads } from '@countersign/kernel';
import {
  type AuditEventName,
  accept,
  type DeadLetterView,
  type JsonObject,
  type Outcome,
  refuse,
  type WebhookTested,
  type WebhookView,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { cloudEvent } from './cloud-event.ts';
import { attempt } from './deliver-webhook.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';
import { webhookTopic } from './webhook-loops.ts';

const lettersShown = 100;

function viewLetter(letter: DeadLetter): DeadLetterView {
  const { event, attempts, error, queued } = letter;
  const { entryId: entry_id, leafIndex: leaf_index, diedAt: died_at } = letter;
  return { entry_id, leaf_index, event, attempts, error, died_at, queued };
}

async function viewWebhook(reads: Reads, endpoint: WebhookEndpoint): Promise<WebhookView> {
  const { name, origin } = endpoint;
  const standing = await reads.webhooks.get(name);
  return {
    name,
    origin,
    events: [...endpoint.events],
    state: standing?.state ?? 'ok',
    error: standing?.error ?? null,
    cursor: standing?.cursor ?? 0,
    attempts: standing?.attempts ?? 0,
    delivered_at: standing?.deliveredAt ?? null,
    next_at: standing === null || standing.nextAt === 0 ? null : standing.nextAt,
    dead_letters: (await reads.webhooks.letters(name, { queued: false, limit: lettersShown })).map(viewLetter),
    dead_letter_count: await reads.webhooks.countLetters(name),
  };
}

/** Every configured webhook, in the order of the configuration. */
export async function viewWebhooks(context: EngineContext): Promise<WebhookView[]> {
  return await context.store.read(async (reads) => {
    const views: WebhookView[] = [];
    for (const endpoint of context.webhooks) views.push(await viewWebhook(reads, endpoint));
    return views;
  });
}

function find(context: EngineContext, name: string): Outcome<WebhookEndpoint> {
  const endpoint = context.webhooks.find((each) => each.name === name);
  return endpoint === undefined
    ? refuse('E_NOT_FOUND', `there is no webhook ${name}`, { next: 'see `countersign webhooks ls`' })
    : accept(endpoint);
}

function fact(caller: Caller, event: AuditEventName, name: string, outcome: 'ok' | 'failed', detail: JsonObject) {
  const { principal, correlationId } = caller;
  return { event, actor: actorOf(principal), subject: { kind: 'webhook', id: name }, outcome, correlationId, detail };
}

/** Sends a test event now, past the queue. What the place answers is the answer, not an error. */
export async function testWebhook(
  context: EngineContext,
  caller: Caller,
  name: string,
  stopped: AbortSignal,
): Promise<Outcome<WebhookTested>> {
  const found = find(context, name);
  if (!found.ok) return found;
  const { principal, correlationId } = caller;
  const body = {
    schema: 'countersign.audit.v1' as const,
    entry_id: context.ids.next(),
    at: context.clock.now(),
    event: 'webhook.tested',
    actor: actorOf(principal),
    subject: { kind: 'webhook', id: name },
    outcome: 'ok' as const,
    correlation_id: correlationId,
    detail: {},
  };
  const event = cloudEvent(context, { body, leafIndex: null }, null, 'webhook.test');
  const error = await attempt(found.value, { id: event.id, body: JSON.stringify(event) }, stopped);
  const message = error ?? 'it took the test event';
  await commit(context, 'record', (unit) =>
    recordAudit(context, unit, fact(caller, 'webhook.tested', name, error === null ? 'ok' : 'failed', { message })),
  );
  return accept({ name, delivered: error === null, message });
}

/** Queues one dead letter, or all, for one more attempt. Answers how many. */
export async function resendLetters(
  context: EngineContext,
  caller: Caller,
  name: string,
  entryId: string | null,
): Promise<Outcome<number>> {
  const found = find(context, name);
  if (!found.ok) return found;
  return await commit(context, 'record', async (unit): Promise<Outcome<number>> => {
    const queued = await unit.webhooks.queueLetters(name, entryId);
    if (queued === 0 && entryId !== null)
      return refuse('E_NOT_FOUND', `the webhook ${name} has no dead letter ${entryId}`, {
        field: 'entry_id',
        next: 'see `countersign webhooks ls`',
      });
    await recordAudit(context, unit, fact(caller, 'webhook.resent', name, 'ok', { queued, entry_id: entryId }));
    unit.afterCommit(() => context.wake.notify(webhookTopic(name)));
    return accept(queued);
  });
}
