import { expect, it } from 'vitest';
import { callerOf } from '../fixture/people.ts';
import type { Session } from '../fixture/session.ts';
import { withSession } from '../fixture/with-session.ts';
import { placeOfAddress } from './address-place.ts';
import { authenticate } from './authenticate.ts';
import { createToken } from './create-token.ts';

const dayMs = 86_400_000;

async function tokenFor({ context }: Session, name: string): Promise<{ id: string; text: string }> {
  const made = await createToken(context, callerOf('carol'), { name, kind: 'service', role: 'viewer' });
  if (!made.ok) throw new Error(made.message);
  return { id: made.value.token_id, text: made.value.token };
}

async function use({ context }: Session, text: string, address: string, times = 1): Promise<void> {
  for (let n = 0; n < times; n++) expect((await authenticate(context, text, address)).ok).toBe(true);
}

async function told({ context }: Session, id: string): Promise<unknown[]> {
  const events = ['token.first_used', 'token.new_place', 'token.used'];
  const entries = await context.store.read((reads) => reads.audit.query({ events, subjectId: id, limit: 500 }));
  return entries.map(({ body: { event, actor, detail } }) => [event, actor.principal, detail]);
}

it('tells of the first use and of each new place once, however often a token is used', async () => {
  await withSession(async (session) => {
    const { context } = session;
    const { id, text } = await tokenFor(session, 'ci');
    await use(session, text, '192.0.2.1', 50);
    await use(session, text, '::ffff:192.0.2.1', 5);
    await context.tokenUses.flush(context);
    await use(session, text, '2001:db8:1:2::7');
    await use(session, text, '2001:db8:1:2:ffff::9');
    await context.tokenUses.flush(context);
    await use(session, text, '192.0.2.1');
    await context.tokenUses.flush(context);
    expect(await told(session, id)).toEqual([
      ['token.first_used', 'ci', { address: '192.0.2.1' }],
      ['token.new_place', 'ci', { address: '2001:db8:1:2::/64' }],
    ]);
    const token = await context.store.read((reads) => reads.tokens.get(id));
    expect(token?.useCount).toBe(58);
  });
});

it('sums up each day once when it is over, and forgets places after ninety days', async () => {
  await withSession(async (session) => {
    const { context, bench } = session;
    const { id, text } = await tokenFor(session, 'ci');
    const day = (at: number): string => new Date(at).toISOString().slice(0, 10);
    const first = bench.clock.now();
    await use(session, text, '192.0.2.1', 3);
    await use(session, text, '192.0.2.2', 2);
    await context.tokenUses.flush(context);
    await context.tokenUses.tellDays(context);
    expect((await told(session, id)).length, 'the day goes on').toBe(2);
    bench.clock.advance(2 * dayMs);
    await use(session, text, '192.0.2.1');
    await context.tokenUses.flush(context);
    await Promise.all([context.tokenUses.tellDays(context), context.tokenUses.tellDays(context)]);
    const summaries = async () => (await told(session, id)).slice(2);
    expect(await summaries()).toEqual([
      ['token.used', 'ci', { day: day(first), uses: 5, places: 2, first_at: first, last_at: first }],
    ]);
    bench.clock.advance(93 * dayMs);
    await context.tokenUses.tellDays(context);
    expect((await summaries()).length).toBe(2);
    await context.tokenUses.tellDays(context);
    await use(session, text, '192.0.2.2');
    await context.tokenUses.flush(context);
    expect((await told(session, id)).at(-1)).toMatchObject(['token.first_used', 'ci', { address: '192.0.2.2' }]);
  });
});

it('a token that comes from everywhere fills neither the log nor the table', async () => {
  await withSession(async (session) => {
    const { context } = session;
    const { id, text } = await tokenFor(session, 'stolen');
    for (let n = 0; n < 300; n++) await use(session, text, `198.51.${n >> 8}.${n & 255}`);
    await context.tokenUses.flush(context);
    for (let n = 0; n < 300; n++) await use(session, text, `203.0.${n >> 8}.${n & 255}`);
    await context.tokenUses.flush(context);
    const entries = await told(session, id);
    expect(entries.length).toBe(101);
    expect(entries.at(-1)).toEqual(['token.new_place', 'stolen', { address: 'elsewhere' }]);
  });
});

it('a place is an IPv4 address, or the network of an IPv6 one', () => {
  expect(
    ['192.0.2.1', '::ffff:192.0.2.1', '2001:DB8::1', '2001:0db8:0:0:1::', 'fe80::1%eth0', '::1', '', null].map(
      placeOfAddress,
    ),
  ).toEqual([
    '192.0.2.1',
    '192.0.2.1',
    '2001:db8:0:0::/64',
    '2001:db8:0:0::/64',
    'fe80:0:0:0::/64',
    '0:0:0:0::/64',
    'inside',
    'inside',
  ]);
});
