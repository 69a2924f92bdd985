import { canonicalBytes, digestText } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import type { ConnectorManifest, JsonObject } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { claim } from '../fixture/do-work.ts';
import { registration } from '../fixture/engine-bench.ts';
import { fakeManifest } from '../fixture/fake-manifest.ts';
import { callerOf, type PersonName } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { withSession } from '../fixture/with-session.ts';
import { workerPort } from '../worker/in-process-port.ts';
import { registerWorker } from '../worker/register-worker.ts';
import { type Inventory, readInventory } from './inventory.ts';
import { permittedActions } from './permitted-actions.ts';

const listing = {
  entity: 'thing',
  action: 'fake.look',
  inputs: { value: 'all' },
  list: 'things',
  name: 'name',
  aliases: ['id'],
};

/** The tests' connector, whose writes name things that a read lists. */
function listingManifest(inventory: ConnectorManifest['inventory'] = [listing]): ConnectorManifest {
  const { hash: _hash, ...rest } = fakeManifest;
  const value = { type: 'string', 'x-entity': 'thing' };
  const named = { type: 'object', properties: { value }, required: ['value'], additionalProperties: false };
  const actions = rest.actions.map((one) => (one.name === 'fake.set' ? { ...one, inputSchema: named } : one));
  const content = { ...rest, actions, ...(inventory === undefined ? {} : { inventory }) };
  return { ...content, hash: digestText(nodeSha256(canonicalBytes(content))) };
}

async function register(session: Session, manifest: ConnectorManifest): Promise<void> {
  const told = registration('worker', session.instance, session.targets);
  await registerWorker(session.context, { ...told, manifests: [manifest] });
  session.context.catalogue.invalidate();
}

/** Reads the inventory as somebody while a worker answers each list by `answer`; counts the reads. */
async function read(
  session: Session,
  who: PersonName,
  answer: (target: string) => JsonObject | null,
  signal = new AbortController().signal,
): Promise<Inventory & { reads: number }> {
  const permitted = await permittedActions(session.context, callerOf(who), {});
  if (!permitted.ok) throw new Error(permitted.message);
  let done = false;
  let reads = 0;
  const inventory = readInventory(session.context, callerOf(who), permitted.value, signal).finally(() => {
    done = true;
  });
  while (!done) {
    const job = await claim(session, 'read');
    if (job === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    reads += 1;
    const summary = answer(job.target.name);
    const ended = summary === null ? 'failed' : 'succeeded';
    const failure =
      summary === null ? { failure: { code: 'E_TARGET_UNREACHABLE' as const, message: 'no answer' } } : {};
    await workerPort(session.context).complete(session.fenceOf(job), {
      kind: 'read',
      result: ended,
      summary: summary ?? {},
      artifacts: [],
      ...failure,
    });
  }
  return { ...(await inventory), reads };
}

const things = (...names: readonly JsonObject[]): JsonObject => ({ things: [...names], truncated: false });

it('lists what a target holds by the read that its connector declares, for the caller, with the audit of every read', async () => {
  await withSession(async (session) => {
    await register(session, listingManifest());
    const seen = await read(session, 'ada', (target) => things({ name: `web-${target}`, id: 'a1' }));
    expect(seen.unread).toEqual([]);
    expect(seen.items).toContainEqual({ entity: 'thing', name: 'web-dev-1', aliases: ['a1'], target: 'dev-1' });
    expect(seen.items).toHaveLength(session.targets.length);
    const done = await session.context.store.read((reads) => reads.audit.query({ events: ['read.done'], limit: 100 }));
    const rows = await Promise.all(done.map(({ body }) => session.rows(body.subject.id)));
    expect(rows.map(({ operation }) => operation.requester.root)).toEqual(['ada', 'ada', 'ada']);
  });
});

it('keeps a list for some seconds, and reads it anew after them', async () => {
  await withSession(async (session) => {
    await register(session, listingManifest());
    const answer = () => things({ name: 'web' });
    expect((await read(session, 'ada', answer)).reads).toBe(3);
    expect(await read(session, 'bob', answer)).toMatchObject({ reads: 0, unread: [] });
    session.bench.clock.advance(6_000);
    expect((await read(session, 'ada', answer)).reads).toBe(3);
  });
});

it('tells what it could not look at, and takes none of it for empty', async () => {
  await withSession(async (session) => {
    await register(session, listingManifest());
    const seen = await read(session, 'ada', (target) =>
      target === 'prod-1' ? null : target === 'stage-1' ? { truncated: false } : things({ name: 'web' }),
    );
    expect(seen.unread).toEqual([
      { target: 'stage-1', reason: 'its list has no "things"' },
      { target: 'prod-1', reason: 'no answer' },
    ]);
    expect(seen.items).toHaveLength(1);
    // What failed is asked again at once.
    expect((await read(session, 'ada', () => things({ name: 'web' }))).reads).toBe(2);
  });
});

it('takes plain names only, and says where a list is not whole', async () => {
  await withSession(async (session) => {
    await register(session, listingManifest());
    const odd = [{ name: 'web' }, { name: 'w\u200beb' }, { name: 'two words' }, { name: 3 }, { name: 'x'.repeat(201) }];
    const seen = await read(session, 'ada', () => things(...odd));
    expect(new Set(seen.items.map(({ name }) => name))).toEqual(new Set(['web']));
    expect(seen.unread).toHaveLength(3);
    session.bench.clock.advance(6_000);
    const cut = await read(session, 'ada', () => ({ ...things({ name: 'web' }), truncated: true }));
    expect([cut.items.length, cut.unread.length]).toEqual([3, 3]);
  });
});

it('says so where a connector lists nothing, and stops a read for which nobody waits', async () => {
  await withSession(async (session) => {
    await register(session, listingManifest([]));
    const none = await read(session, 'ada', () => things());
    expect([none.items, none.reads]).toEqual([[], 0]);
    expect(none.unread[0]?.reason).toContain('does not say how to list each thing');

    await register(session, listingManifest());
    const permitted = await permittedActions(session.context, callerOf('ada'), {});
    const gone = AbortSignal.abort();
    const seen = await readInventory(session.context, callerOf('ada'), permitted.ok ? permitted.value : [], gone);
    expect(seen.unread).toHaveLength(3);
    expect(await claim(session, 'read')).toBeNull();
  });
});
