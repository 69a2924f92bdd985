import { CloudEvent } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { recordAlone } from '../audit/record-audit.ts';
import { systemActor } from '../context/actor.ts';
import type { Session } from '../fixture/session.ts';
import { planned, withSession } from '../fixture/with-session.ts';
import { type Delivery, deliverPending, retryAfter } from './deliver-webhook.ts';
import type { WebhookEndpoint } from './webhook-endpoint.ts';

/** A place that takes events, or not, as the test says. */
class Place implements WebhookEndpoint {
  readonly name = 'chat';
  readonly origin = 'https://chat.example';
  readonly events = ['panic.on', 'panic.off', 'approval.wanted'] as const;
  readonly mostAttempts = 3;
  readonly taken: CloudEvent[] = [];
  attempts = 0;
  refusal: string | null = null;
  before: () => Promise<void> = async () => undefined;

  async post({ id, body }: { id: string; body: string }): Promise<void> {
    this.attempts += 1;
    await this.before();
    if (this.refusal !== null) throw new Error(this.refusal);
    const event = CloudEvent.parse(JSON.parse(body));
    expect(event.id).toBe(id);
    this.taken.push(event);
  }
}

const never = new AbortController().signal;

async function say({ context }: Session, count = 1): Promise<void> {
  for (let n = 0; n < count; n++)
    await recordAlone(context, {
      event: n % 2 === 0 ? 'panic.on' : 'panic.off',
      actor: systemActor,
      subject: { kind: 'setting', id: `panic-${n}` },
      outcome: 'ok',
      correlationId: `c-${n}`,
    });
}

async function withPlace(work: (session: Session, place: Place, delivery: Delivery) => Promise<void>): Promise<void> {
  await withSession(async (session) => {
    const endpoint = new Place();
    const delivery = { context: session.context, endpoint, instance: 'server-1', stopped: never };
    await say(session);
    expect(await deliverPending(delivery), 'it begins at the end of the log').toBe(true);
    expect(await deliverPending(delivery)).toBe(false);
    expect(endpoint.attempts).toBe(0);
    await work(session, endpoint, delivery);
  });
}

async function standing({ context }: Session) {
  return await context.store.read(async (reads) => ({
    row: await reads.webhooks.get('chat'),
    letters: await reads.webhooks.letters('chat', { queued: false, limit: 10 }),
    size: (await reads.audit.size()).treeSize,
  }));
}

async function webhookEvents({ context }: Session): Promise<string[]> {
  const events = ['webhook.failing', 'webhook.mended', 'webhook.gave_up', 'webhook.resent'];
  const entries = await context.store.read((reads) => reads.audit.query({ events, limit: 50 }));
  return entries.map(({ body }) => body.event);
}

it('tells in the order of the log, of what it is to be told only', async () => {
  await withPlace(async (session, place, delivery) => {
    const opId = await planned(session, 'ada', 'prod');
    await say(session, 120);
    while (await deliverPending(delivery));
    expect(place.taken.length).toBe(121);
    expect(place.taken[0]).toMatchObject({
      subject: `operation/${opId}`,
      data: { link: `https://countersign.example.com/ops/${opId}`, operation: { op_id: opId } },
    });
    const leaves = place.taken.map(({ data }) => data.leaf_index ?? -1);
    expect(leaves).toEqual([...leaves].sort((a, b) => a - b));
    expect(await deliverPending(delivery)).toBe(false);
    expect(place.taken.length).toBe(121);
  });
});

it('a failing place is tried ever later, given up in the end, and what follows goes its own way', async () => {
  await withPlace(async (session, place, delivery) => {
    await say(session, 2);
    place.refusal = 'password=hunter2hunter2 is not taken';
    for (const attempts of [1, 2]) {
      expect(await deliverPending(delivery)).toBe(false);
      expect((await standing(session)).row).toMatchObject({ attempts, state: 'failing' });
      session.bench.clock.advance(retryAfter(attempts) - 1);
      await deliverPending(delivery);
      expect(place.attempts, 'not before its time').toBe(attempts);
      session.bench.clock.advance(1);
    }
    await deliverPending(delivery);
    const { row, letters } = await standing(session);
    expect(letters).toMatchObject([{ event: 'panic.on', attempts: 3, queued: false }]);
    expect(JSON.stringify([row, letters])).not.toContain('hunter2');
    expect(row).toMatchObject({ attempts: 0, state: 'failing', cursor: (letters[0]?.leafIndex ?? 0) + 1 });
    place.refusal = null;
    session.bench.clock.advance(1000);
    await deliverPending(delivery);
    expect(place.taken.map(({ type }) => type)).toEqual(['countersign.panic.off']);
    expect(await webhookEvents(session)).toEqual(['webhook.failing', 'webhook.gave_up', 'webhook.mended']);

    await session.context.store.write((unit) => unit.webhooks.queueLetters('chat', null));
    expect(await deliverPending(delivery)).toBe(true);
    expect(place.taken.map(({ id }) => id)).toContain(letters[0]?.entryId);
    expect((await standing(session)).letters).toEqual([]);
  });
});

it('of two servers one delivers; one that died is taken over from, with the same id', async () => {
  await withPlace(async (session, place, delivery) => {
    const other: Delivery = { ...delivery, instance: 'server-2' };
    await say(session, 3);
    let during = false;
    place.before = async () => {
      place.before = async () => undefined;
      during = await deliverPending(other);
      expect(place.attempts, 'the other leaves it alone').toBe(1);
    };
    await deliverPending(delivery);
    expect([during, place.taken.length]).toEqual([false, 3]);

    // It takes the event, and the server dies before it can say so.
    await say(session);
    const stopped = new AbortController();
    place.before = async () => {
      place.before = async () => undefined;
      session.bench.clock.advance(30_001);
      while (await deliverPending(other));
      expect(place.taken.length).toBe(4);
    };
    await deliverPending({ ...delivery, stopped: stopped.signal });
    expect(place.taken.length).toBe(5);
    expect(place.taken[4]?.id).toBe(place.taken[3]?.id);
    const { row, size } = await standing(session);
    expect(row).toMatchObject({ holder: 'server-2', state: 'ok' });
    expect(row?.cursor).toBeLessThanOrEqual(size);
    expect(await deliverPending(other)).toBe(false);
    expect(place.taken.length).toBe(5);
  });
});

it('waits twice as long each time, ten minutes at most', () => {
  expect([1, 2, 3, 10, 11, 1000].map(retryAfter)).toEqual([1000, 2000, 4000, 512_000, 600_000, 600_000]);
});
