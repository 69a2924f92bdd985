import { setTimeout as sleep } from 'node:timers/promises';
import { openTcpProxy, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { append, outputOf, waitingOperation } from './harness/fill-stream.ts';
import { RawReader } from './harness/raw-stream.ts';
import { expectEnvelope, send } from './harness/send.ts';
import { joined } from './harness/sign-in.ts';

const pathOf = (opId: string, query = '') => `/v1/ops/${opId}/events${query}`;

async function cancel(stage: Stage, opId: string): Promise<void> {
  await stage.alice.client.call('opsCancel', { params: { op_id: opId }, body: {} });
}

/** Every event of the stream as the database has it. */
async function stored(stage: Stage, opId: string): Promise<string[]> {
  const lines = await stage.running.context.store.read((reads) => reads.streams.linesAfter(opId, 0, 1_000_000));
  return lines.map(({ text }) => text);
}

async function metric(stage: Stage, name: string): Promise<number> {
  const text = await (await send(stage.url, { path: '/metrics', token: stage.admin.token })).text();
  return Number(new RegExp(`^${name.replace(/[{}"]/g, '\\$&')} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

const config = { streams: { per_principal: 40 } };

describeServer('streams', { config }, (open) => {
  it('end at any quota of bytes, also one that the next line alone would pass', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const ends: string[] = [];
    for (let bytes = 1; bytes < 800; bytes += 23) {
      const path = pathOf(opId, `?follow=false&max_bytes=${bytes}`);
      const headers = { authorization: `Bearer ${stage.vera.token}` };
      const answer = await fetch(`${stage.url}${path}`, { headers, signal: AbortSignal.timeout(10_000) });
      const text = await answer.text();
      expect(text, path).toContain('id: 1\n');
      ends.push(/^event: (.*)$/m.exec(text)?.[1] ?? 'none');
    }
    expect(new Set(ends)).toEqual(new Set(['closing', 'caught_up']));
  });

  it('come with the headers that proxies need, and leave the connection to the next request', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const reader = new RawReader(stage.url);
    reader.ask(pathOf(opId, '?follow=false'), stage.vera.token, { 'x-request-id': 'mine' });
    const { after } = await reader.notice('caught_up');
    await waitUntil('the answer is whole', () => reader.over);
    expect(reader.head).toMatch(/^HTTP\/1\.1 200 /);
    expect(reader.head).toMatch(/^content-type: text\/event-stream; charset=utf-8$/im);
    expect(reader.head).toMatch(/^x-accel-buffering: no$/im);
    expect(reader.head).toMatch(/^cache-control: no-store$/im);
    expect(reader.head).toMatch(/^x-request-id: mine$/im);
    expect(reader.text).toMatch(/^: open\nretry: 1000\n\n/);
    expect(reader.ids()).toEqual(Array.from({ length: Number(after) }, (_, index) => index + 1));
    reader.ask('/livez', stage.vera.token);
    await waitUntil('the next answer', () => reader.text.includes('"ok"'));
    expect(reader.closed).toBe(false);
    reader.socket.destroy();
  });

  it('work behind another answer on the same connection', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const reader = new RawReader(stage.url);
    const request = (path: string) =>
      `GET ${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${stage.vera.token}\r\n\r\n`;
    let all = '';
    reader.socket.on('data', (bytes: Buffer) => {
      all += bytes.toString();
    });
    reader.socket.write(request(`/v1/ops/${opId}`) + request(pathOf(opId, '?follow=false')) + request('/livez'));
    await waitUntil('all three', () => all.includes('"status":"ok"'));
    expect(all.match(/HTTP\/1\.1 200/g)).toHaveLength(3);
    expect(all.indexOf('event: caught_up')).toBeGreaterThan(all.indexOf('"op_id"'));
    reader.socket.destroy();
  });

  it('reach everybody whole and once, wherever and whenever they begin', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const readers: { reader: RawReader; after: number }[] = [];
    const join = (after: number) => {
      const reader = new RawReader(stage.url);
      reader.ask(pathOf(opId, `?after=${after}`), readers.length % 2 === 0 ? stage.vera.token : stage.bob.token);
      readers.push({ reader, after });
    };
    let appended = (await stored(stage, opId)).length;
    for (let round = 0; round < 40; round += 1) {
      join(Math.floor((appended * (round % 5)) / 4));
      const events = Array.from({ length: 1 + (round % 7) * 4 }, (_, n) =>
        outputOf(`${round}.${n} ${'é'.repeat(200)}\n`),
      );
      await Promise.all([append(stage, opId, events), append(stage, opId, [outputOf(`beside ${round}\n`)])]);
      appended += events.length + 1;
      if (round % 3 === 0) await sleep(8);
    }
    await cancel(stage, opId);
    const all = await stored(stage, opId);
    for (const { reader, after } of readers) {
      await waitUntil('its end', () => reader.over);
      const events = reader.events().filter(({ name }) => name === '');
      expect(events.map(({ id }) => Number(id))).toEqual(all.slice(after).map((_, index) => after + index + 1));
      expect(events.map(({ data }) => data)).toEqual(all.slice(after));
      reader.socket.destroy();
    }
  });

  it('resume at any byte without loss or doubling', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    for (let n = 0; n < 30; n += 1) await append(stage, opId, [outputOf(`line ${n} ${'€'.repeat(n * 9)}\n`)]);
    await cancel(stage, opId);
    const all = await stored(stage, opId);
    await using proxy = await openTcpProxy(stage.url);
    const seed = Date.now();
    let random = seed;
    const next = (below: number): number => {
      random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
      return random % below;
    };
    for (let walk = 0; walk < 12; walk += 1) {
      const got: string[] = [];
      for (let tries = 0; got.length < all.length; tries += 1) {
        expect(tries, `seed ${seed}`).toBeLessThan(400);
        proxy.treat({ resetAfterBytes: 250 + next(1200 + tries * 60) });
        const reader = new RawReader(proxy.url);
        reader.ask(pathOf(opId), stage.vera.token, got.length === 0 ? {} : { 'last-event-id': String(got.length) });
        await waitUntil('cut or whole', () => reader.closed || reader.over, { intervalMs: 2 });
        for (const { id, name, data } of reader.events()) {
          if (name !== '') continue;
          expect(Number(id), `seed ${seed}`).toBe(got.length + 1);
          got.push(data);
        }
        reader.socket.destroy();
      }
      expect(got, `seed ${seed}`).toEqual(all);
    }
    expect(proxy.struck()).toBeGreaterThan(12);
  });

  it('are resumed by the client package itself, over cuts while events come', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    await using proxy = await openTcpProxy(stage.url);
    proxy.treat({ resetAfterBytes: 4000 });
    const { connect } = await import('@countersign/client');
    const following = (async () => {
      const texts: number[] = [];
      for await (const { id } of connect({ url: proxy.url, token: stage.vera.token }).events(opId)) texts.push(id);
      return texts;
    })();
    for (let n = 0; n < 20; n += 1) {
      await append(stage, opId, [outputOf(`${n} ${'x'.repeat(400)}\n`)]);
      await sleep(10);
    }
    await cancel(stage, opId);
    const all = await stored(stage, opId);
    expect(await following).toEqual(all.map((_, index) => index + 1));
    expect(proxy.struck()).toBeGreaterThan(1);
  });

  it('end at a quota or after their longest time with a word where to resume (DO-18)', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    await append(
      stage,
      opId,
      Array.from({ length: 20 }, (_, n) => outputOf(`${n}\n`)),
    );
    const all = await stored(stage, opId);
    const got: string[] = [];
    for (const query of ['max_events=7', 'max_bytes=900', 'max_events=1']) {
      const reader = new RawReader(stage.url);
      reader.ask(pathOf(opId, `?after=${got.length}&${query}`), stage.vera.token);
      const notice = await reader.notice('closing');
      got.push(...reader.events().flatMap(({ name, data }) => (name === '' ? [data] : [])));
      expect(notice).toEqual({ after: got.length, reason: 'quota', retry_ms: 0 });
      await waitUntil('the answer is whole', () => reader.over);
      reader.socket.destroy();
    }
    expect(got).toEqual(all.slice(0, got.length));
    expect(got.length).toBeGreaterThan(8);
    const timed = new RawReader(stage.url);
    timed.ask(pathOf(opId, '?max_ms=300'), stage.vera.token);
    expect(await timed.notice('closing')).toEqual({ after: all.length, reason: 'duration', retry_ms: 1000 });
    timed.socket.destroy();
    for await (const { id } of stage.vera.client.events(opId, { follow: false })) got.push(String(id));
    await cancel(stage, opId);
  });

  it('are refused beyond what one principal may have open, and given again once one is closed (DO-18)', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const readers = Array.from({ length: 40 }, () => new RawReader(stage.url));
    for (const reader of readers) reader.ask(pathOf(opId), stage.vera.token);
    await Promise.all(readers.map((reader) => reader.notice('caught_up')));
    expect(await metric(stage, 'countersign_stream_watchers')).toBeGreaterThanOrEqual(40);
    const ask = () => send(stage.url, { path: pathOf(opId), token: stage.vera.token });
    const refused = await ask();
    expect(refused.headers.get('retry-after')).toBe('5');
    await expectEnvelope(refused, { code: 'E_RATE_LIMITED', status: 429 });
    const other = new RawReader(stage.url);
    other.ask(pathOf(opId), stage.bob.token);
    await other.notice('caught_up');
    other.socket.destroy();
    readers[0]?.socket.destroy();
    const again = await waitUntil('one is free', async () => {
      const response = await ask();
      if (response.status === 200) return response;
      await response.text();
      return false;
    });
    await again.body?.cancel();
    for (const reader of readers) reader.socket.destroy();
    await waitUntil('all are gone', async () => (await metric(stage, 'countersign_stream_watchers')) === 0);
    expect(await metric(stage, 'countersign_streams_open')).toBe(0);
    expect(await metric(stage, 'countersign_stream_refused_total')).toBeGreaterThan(0);
    await cancel(stage, opId);
  });

  it('end when their token is revoked, when the operation is cancelled, and at once where the end was seen (DO-18)', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const guest = await stage.bearer({ name: 'guest', kind: 'person', role: 'viewer' });
    const [revoked, staying] = [new RawReader(stage.url), new RawReader(stage.url)];
    revoked.ask(pathOf(opId), guest.token);
    staying.ask(pathOf(opId), stage.vera.token);
    await Promise.all([revoked.notice('caught_up'), staying.notice('caught_up')]);
    await stage.admin.client.call('tokenRevoke', { params: { token_id: guest.tokenId } });
    const revokedAt = performance.now();
    expect(await revoked.notice('closing')).toMatchObject({ reason: 'revoked', retry_ms: null });
    expect(performance.now() - revokedAt).toBeLessThan(3000);
    await cancel(stage, opId);
    await waitUntil('the stream has ended', () => staying.over);
    expect(staying.events().at(-1)?.data).toContain('"type":"end"');
    expect(staying.events().some(({ name }) => name === 'closing')).toBe(false);
    const late = new RawReader(stage.url);
    late.ask(pathOf(opId), stage.vera.token, { 'last-event-id': String(staying.ids().at(-1)) });
    expect(await late.notice('closing')).toMatchObject({ reason: 'ended' });
    const none: number[] = [];
    for await (const { id } of stage.vera.client.events(opId, { after: Number(staying.ids().at(-1)) })) none.push(id);
    expect(none).toEqual([]);
    for (const reader of [revoked, staying, late]) reader.socket.destroy();
    expect(await metric(stage, 'countersign_stream_ended_total{reason="revoked"}')).toBe(1);
    expect(await metric(stage, 'countersign_stream_bytes_total')).toBeGreaterThan(1000);
  });

  it('end when whoever reads has no role there any more, by session or by token; those of others go on (OA-6, DO-18)', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const reader = await joined(stage, 'lowered', 'viewer');
    const token = await stage.bearer({ name: 'lowered', kind: 'person', role: 'viewer' });
    const [byToken, staying] = [new RawReader(stage.url), new RawReader(stage.url)];
    byToken.ask(pathOf(opId), token.token);
    staying.ask(pathOf(opId), stage.vera.token);
    const bySession = await fetch(`${stage.url}${pathOf(opId)}`, {
      headers: { cookie: `__Host-countersign=${reader.session}`, origin: stage.url },
    });
    const text = bySession.text();
    await Promise.all([byToken.notice('caught_up'), staying.notice('caught_up')]);
    const grant = (project: string) => {
      const grants = [{ role: 'viewer' as const, project, environment: '*' }];
      return stage.admin.client.call('personGrant', { params: { name: 'lowered' }, body: { grants, groups: [] } });
    };
    await grant('shop');
    const still = await Promise.race([byToken.notice('closing'), sleep(1500, 'goes on')]);
    expect(still, 'a narrower role that reaches there ends nothing').toBe('goes on');
    await grant('bank');
    const loweredAt = performance.now();
    expect(await byToken.notice('closing')).toMatchObject({ reason: 'revoked', retry_ms: null });
    expect(await text).toMatch(/event: closing\ndata: {[^\n]*"reason":"revoked"/);
    expect(performance.now() - loweredAt).toBeLessThan(3000);
    expect(staying.over).toBe(false);
    for (const one of [byToken, staying]) one.socket.destroy();
    await cancel(stage, opId);
  });

  it('end with the session that reads them, wherever it is ended (OA-6)', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const reader = await joined(stage, 'reader', 'viewer');
    const streamOf = async (session: string) =>
      await fetch(`${stage.url}${pathOf(opId)}`, {
        headers: { cookie: `__Host-countersign=${session}`, origin: stage.url },
      });
    const stream = await streamOf(reader.session);
    expect(stream.status).toBe(200);
    const text = stream.text();
    await stage.admin.client.call('personSignOut', { params: { name: 'reader' }, body: {} });
    const endedAt = performance.now();
    expect(await text).toMatch(/event: closing\ndata: {[^\n]*"reason":"revoked"/);
    expect(performance.now() - endedAt).toBeLessThan(3000);
    expect((await streamOf(reader.session)).status).toBe(401);
    await cancel(stage, opId);
  });

  it('show every 15 s that they live', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const reader = new RawReader(stage.url);
    reader.ask(pathOf(opId), stage.vera.token);
    await reader.notice('caught_up');
    const startedAt = performance.now();
    await waitUntil('a heartbeat', () => reader.text.endsWith(': alive\n\n'), { timeoutMs: 30_000 });
    expect(performance.now() - startedAt).toBeGreaterThan(14_000);
    reader.socket.destroy();
    await cancel(stage, opId);
  });

  it('of a worker hold a repeat once, though its answer was lost (DO-7)', async () => {
    const stage = open();
    const opId = await waitingOperation(stage);
    const { store } = stage.running.context;
    const event = outputOf('once\n');
    const place = { writer: 'job 1', first: 1 };
    const before = (await stored(stage, opId)).length;
    for (let tries = 0; tries < 3; tries += 1) {
      await store.write((unit) => unit.streams.appendOutput(opId, 1, place, [event, event]));
    }
    expect((await stored(stage, opId)).length).toBe(before + 2);
    await cancel(stage, opId);
  });
});
