import type { AuditEntry, DeadLetter, Unit, Webhook } from '@countersign/kernel';
import type { AuditEventName, JsonObject } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { eventOfEntry } from './cloud-event.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

const entriesAtOnce = 50;
const lettersAtOnce = 20;
/** How long a server that delivers is left alone after its last sign of life; longer than one attempt may take. */
const holdMs = 30_000;
const attemptMs = 15_000;
const longestWaitMs = 600_000;
const longestError = 300;

/** When an event is tried again: after one second, twice as long each time, ten minutes at most. */
export function retryAfter(attempts: number): number {
  return Math.min(longestWaitMs, 1000 * 2 ** Math.min(attempts - 1, 20));
}

/** What one server does for one webhook. */
export interface Delivery {
  readonly context: EngineContext;
  readonly endpoint: WebhookEndpoint;
  /** This server process. */
  readonly instance: string;
  readonly stopped: AbortSignal;
}

/** One attempt; null where it was taken, else what went wrong, without secrets. */
export async function attempt(
  endpoint: WebhookEndpoint,
  event: { readonly id: string; readonly body: string },
  stopped: AbortSignal,
): Promise<string | null> {
  const signal = AbortSignal.any([stopped, AbortSignal.timeout(attemptMs)]);
  try {
    await endpoint.post(event, signal);
    return null;
  } catch (error) {
    return withoutSecrets(error instanceof Error ? error.message : String(error)).slice(0, longestError);
  }
}

/** Takes the webhook for this server; null where another has it or its time has not come. */
async function hold({ context, endpoint, instance }: Delivery): Promise<Webhook | null> {
  const now = context.clock.now();
  return await commit(context, 'record', async (unit) => {
    const standing = await unit.webhooks.lock(endpoint.name);
    if (standing === null) return null;
    const { holder, heldUntil } = standing;
    if (holder !== null && holder !== instance && heldUntil > now) return null;
    const held: Webhook = { ...standing, holder: instance, heldUntil: now + holdMs };
    await unit.webhooks.save(held);
    return held;
  });
}

/** Changes the row that this server holds; false where it lost it, and then nothing of it is written. */
async function change(
  { context, endpoint, instance }: Delivery,
  alter: (before: Webhook) => Webhook,
  also: (unit: Unit, before: Webhook, after: Webhook) => Promise<void> = async () => undefined,
): Promise<boolean> {
  return await commit(context, 'record', async (unit) => {
    const before = await unit.webhooks.lock(endpoint.name);
    if (before === null || before.holder !== instance) return false;
    const now = context.clock.now();
    const altered = alter(before);
    const turned = altered.state !== before.state;
    const after = { ...altered, heldUntil: now + holdMs, changedAt: turned ? now : before.changedAt };
    await unit.webhooks.save(after);
    if (turned) await tell(context, unit, after.state === 'ok' ? 'webhook.mended' : 'webhook.failing', after);
    await also(unit, before, after);
    return true;
  });
}

async function tell(
  context: EngineContext,
  unit: Unit,
  event: AuditEventName,
  { name, state, error }: Pick<Webhook, 'name' | 'state' | 'error'>,
  detail: JsonObject = {},
): Promise<void> {
  await recordAudit(context, unit, {
    event,
    actor: systemActor,
    subject: { kind: 'webhook', id: name },
    outcome: state === 'ok' ? 'ok' : 'failed',
    correlationId: context.ids.next(),
    detail: { error, ...detail },
  });
}

function delivered(cursor: number, at: number): (before: Webhook) => Webhook {
  return (before) => ({
    ...before,
    cursor: Math.max(before.cursor, cursor),
    attempts: 0,
    state: 'ok',
    error: null,
    deliveredAt: at,
    nextAt: 0,
  });
}

async function bodyOf(context: EngineContext, entry: AuditEntry): Promise<{ id: string; body: string }> {
  const event = await context.store.read((reads) => eventOfEntry(context, reads, entry));
  return { id: event.id, body: JSON.stringify(event) };
}

/** Delivers one entry; false where it is to be tried later, or by another server. */
async function deliverEntry(delivery: Delivery, entry: AuditEntry, leaf: number): Promise<boolean> {
  const { context, endpoint, stopped } = delivery;
  const error = await attempt(endpoint, await bodyOf(context, entry), stopped);
  if (error === null) return await change(delivery, delivered(leaf + 1, context.clock.now()));
  if (stopped.aborted) return false;
  let dead = false;
  await change(
    delivery,
    (before) => {
      const attempts = before.attempts + 1;
      dead = attempts >= endpoint.mostAttempts;
      return {
        ...before,
        cursor: dead ? leaf + 1 : before.cursor,
        attempts: dead ? 0 : attempts,
        state: 'failing',
        error,
        // What comes after a dead letter is not to blame for it.
        nextAt: context.clock.now() + retryAfter(dead ? 1 : attempts),
      };
    },
    async (unit, before, after) => {
      if (!dead) return;
      const { entry_id: entryId, event } = entry.body;
      const attempts = before.attempts + 1;
      const diedAt = context.clock.now();
      const letter: DeadLetter = {
        webhook: endpoint.name,
        entryId,
        leafIndex: leaf,
        event,
        attempts,
        error,
        diedAt,
        queued: false,
      };
      await unit.webhooks.keepLetter(letter);
      await tell(context, unit, 'webhook.gave_up', after, { entry_id: entryId, event, attempts });
    },
  );
  return false;
}

/** One more attempt at each dead letter that somebody asked for. */
async function deliverLetters(delivery: Delivery, letters: readonly DeadLetter[]): Promise<boolean> {
  const { context, endpoint, stopped } = delivery;
  for (const letter of letters) {
    const { webhook, entryId } = letter;
    const entry = await context.store.read((reads) => reads.audit.get(entryId));
    if (entry === null) throw new Error(`the entry of a dead letter is gone: ${entryId}`);
    const error = await attempt(endpoint, await bodyOf(context, entry), stopped);
    if (stopped.aborted) return false;
    const at = context.clock.now();
    const held = await change(
      delivery,
      (before) => (error === null ? { ...before, deliveredAt: at } : before),
      async (unit) => {
        if (error === null) return await unit.webhooks.removeLetter(webhook, entryId);
        await unit.webhooks.keepLetter({ ...letter, attempts: letter.attempts + 1, error, diedAt: at, queued: false });
      },
    );
    if (!held) return false;
  }
  return true;
}

/** The first look at a webhook: it is told of what comes from now on. */
async function begin({ context, endpoint }: Delivery): Promise<void> {
  const now = context.clock.now();
  await commit(context, 'record', async (unit) => {
    const { treeSize, unsequenced } = await unit.audit.size();
    await unit.webhooks.begin({
      name: endpoint.name,
      cursor: treeSize + unsequenced,
      attempts: 0,
      state: 'ok',
      error: null,
      changedAt: now,
      deliveredAt: null,
      nextAt: 0,
      holder: null,
      heldUntil: 0,
    });
  });
}

/**
 * Delivers what a webhook has not been told of, in the order of the log. At least once: the cursor moves after the place
 * took an event, so a crash in between sends it again with the same id. Answers whether there may be more at once.
 */
export async function deliverPending(delivery: Delivery): Promise<boolean> {
  const { context, endpoint, stopped } = delivery;
  const found = await context.store.read(async (reads) => {
    const standing = await reads.webhooks.get(endpoint.name);
    if (standing === null) return null;
    const afterIndex = standing.cursor - 1;
    return {
      standing,
      letters: await reads.webhooks.letters(endpoint.name, { queued: true, limit: lettersAtOnce }),
      entries: await reads.audit.query({ events: endpoint.events, afterIndex, limit: entriesAtOnce }),
    };
  });
  if (found === null) {
    await begin(delivery);
    return true;
  }
  const { standing, letters } = found;
  const entries = standing.nextAt > context.clock.now() ? [] : found.entries;
  if (letters.length === 0 && entries.length === 0) return false;
  const held = await hold(delivery);
  if (held === null) return false;
  if (!(await deliverLetters(delivery, letters))) return false;
  for (const entry of entries) {
    // Another server was here between the look and the hold.
    if (entry.leafIndex === null || entry.leafIndex < held.cursor) continue;
    if (stopped.aborted || !(await deliverEntry(delivery, entry, entry.leafIndex))) return false;
  }
  return letters.length > 0 || found.entries.length === entriesAtOnce;
}
