import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeTempFolder, runCountersign, waitUntil } from '@countersign/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { alertedMetrics } from '../alerts/alert-rules.ts';
import { auditEntries } from './harness/audit.ts';
import { type Stage, withPeople } from './harness/describe-server.ts';
import { anchored, propose, runToEnd, writeFiles } from './harness/flow.ts';
import { type Dialect, openServer } from './harness/open-server.ts';
import { type Receiver, receiverSecret, signed, startReceiver } from './harness/receiver.ts';

const open: Receiver[] = [];
afterEach(() => {
  for (const receiver of open.splice(0)) receiver.close();
});

async function receive(status?: number): Promise<Receiver> {
  const receiver = await startReceiver(status);
  open.push(receiver);
  return receiver;
}

async function serve(dialect: Dialect, webhooks: object[]): Promise<Stage> {
  const folder = makeTempFolder();
  const secret_file = join(folder.path, 'hook.secret');
  writeFileSync(secret_file, `${receiverSecret}\n`);
  const config = {
    sign_in: { public_url: 'https://countersign.example' },
    outbound: { allow: ['127.0.0.1'] },
    webhooks: webhooks.map((webhook) => ({ secret_file, ...webhook })),
  };
  const server = await withPeople(await openServer(dialect, { config }));
  return {
    ...server,
    async close() {
      await server.close();
      folder.remove();
    },
  };
}

const hookOf = async (server: Stage, name: string) => {
  const { webhooks } = await server.admin.client.call('webhookList');
  const found = webhooks.find((each) => each.name === name);
  if (found === undefined) throw new Error(`no webhook ${name}`);
  return found;
};

describe.each<Dialect>(['sqlite', 'postgres'])('webhooks [%s]', (dialect) => {
  it('approval requests and their ends reach people as signed CloudEvents, in order, with a link (DO-17)', async () => {
    const receiver = await receive();
    const server = await serve(dialect, [{ name: 'chat', url: receiver.url }]);
    try {
      const { alice, bob } = server;
      await waitUntil('the webhook begins', async () => (await hookOf(server, 'chat')).cursor > 0);
      const planned = await propose(alice.client, writeFiles('prod', { 'a.txt': 'a\n' }));
      await bob.client.call('opsGet', { params: { op_id: planned.op_id } });
      const digest = planned.plan?.digest ?? '';
      const params = { op_id: planned.op_id };
      await bob.client.call('opsApprove', { params, body: { digest, comment: 'looks right' } });
      await runToEnd(alice.client, planned);
      await waitUntil('the end is told', () => receiver.taken().some(({ type }) => type.endsWith('run.succeeded')));
      const told = receiver.taken();
      expect(told.map(({ type }) => type)).toEqual([
        'countersign.approval.wanted',
        'countersign.approval.approved',
        'countersign.run.succeeded',
      ]);
      const [wanted] = told;
      expect(wanted).toMatchObject({
        specversion: '1.0',
        subject: `operation/${planned.op_id}`,
        datacontenttype: 'application/json',
        data: {
          link: `https://countersign.example/ops/${planned.op_id}`,
          operation: { target: 'shop-prod', actions: ['repo.write_files'], requester: 'alice', ai: false },
          entry: { detail: { obligations: [{ kind: 'approve' }], digest } },
        },
      });
      expect(receiver.seen.every((each) => signed(each))).toBe(true);
      expect(receiver.seen.every((each) => signed(each, 'another secret entirely'))).toBe(false);
      expect(receiver.seen[0]?.headers).toMatchObject({
        'content-type': 'application/cloudevents+json; charset=utf-8',
        'idempotency-key': wanted?.id,
      });
      // What is told is what the log holds, and nothing of the address leaves by the list.
      const stored = await auditEntries(server, { event: 'approval.wanted' });
      expect(stored.map(({ entry_id }) => entry_id)).toEqual([wanted?.id]);
      expect(JSON.stringify(await server.admin.client.call('webhookList'))).not.toContain('hunter2');

      const metrics = await server.admin.client.call('metrics');
      expect(alertedMetrics.length).toBeGreaterThan(5);
      expect(alertedMetrics.filter((name) => !metrics.includes(`# TYPE ${name} `))).toEqual([]);
      expect(metrics).toContain('countersign_audit_events_total{event="approval.wanted",outcome="ok"} 1');
      expect(metrics).toContain('countersign_audit_events_total{event="break_glass.used",outcome="ok"} 0');
      expect(metrics).toContain('countersign_webhook_dead_letters{webhook="chat"} 0');
      expect(metrics).toMatch(/countersign_audit_unsigned_seconds \d/);
    } finally {
      await server.close();
    }
  });

  it('what is not taken is tried again, then a dead letter, and goes once more when asked; others are not held up', async () => {
    const down = await receive(503);
    const up = await receive();
    const server = await serve(dialect, [
      { name: 'down', url: down.url, events: ['token.revoked,panic.*'], most_attempts: 2 },
      { name: 'up', url: up.url, events: ['token.*'] },
    ]);
    try {
      for (const name of ['down', 'up'])
        await waitUntil(`${name} begins`, async () => (await hookOf(server, name)).cursor > 0);
      const revoked = () => up.taken().filter(({ type }) => type === 'countersign.token.revoked');
      await server.admin.client.call('tokenRevoke', { params: { token_id: server.vera.tokenId } });
      await waitUntil('the other is told', () => revoked().length === 1);
      await waitUntil('it is given up', async () => (await hookOf(server, 'down')).dead_letter_count === 1);
      const given = await hookOf(server, 'down');
      expect(given).toMatchObject({ state: 'failing', error: 'the receiver answered 503', attempts: 0 });
      expect(given.dead_letters).toMatchObject([{ event: 'token.revoked', attempts: 2, queued: false }]);
      expect(down.seen.length).toBe(2);
      expect(new Set(down.seen.map(({ body }) => body)).size).toBe(1);
      const told = await auditEntries(server, { event: 'webhook.*' });
      expect(told.map(({ event }) => event)).toEqual(['webhook.failing', 'webhook.gave_up']);

      const { client } = server.admin;
      const params = { name: 'down' };
      await client.call('webhookResend', { params, body: {} });
      await waitUntil('it fails once more', async () => (await hookOf(server, 'down')).dead_letters[0]?.attempts === 3);
      down.answer(200);
      const [letter] = (await hookOf(server, 'down')).dead_letters;
      const body = { entry_id: letter?.entry_id ?? '' };
      expect(await client.call('webhookResend', { params, body })).toEqual({ queued: 1 });
      await waitUntil('it is taken', async () => (await hookOf(server, 'down')).dead_letter_count === 0);
      expect(down.taken().map(({ id }) => id)).toEqual(revoked().map(({ id }) => id));
      await client.call('tokenRevoke', { params: { token_id: server.bob.tokenId } });
      await waitUntil('it is mended', async () => (await hookOf(server, 'down')).state === 'ok');
      expect(down.taken().map(({ id }) => id)).toEqual(revoked().map(({ id }) => id));

      const first = () => up.taken().find(({ type }) => type === 'countersign.token.first_used');
      await waitUntil('the first use of a token is told', () => first() !== undefined);
      expect(first()?.data.entry.detail).toEqual({ address: '127.0.0.1' });

      const unknown = client.call('webhookResend', { params, body: { entry_id: randomUUID() } });
      await expect(unknown).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
      await expect(client.call('webhookTest', { params: { name: 'none' } })).rejects.toMatchObject({
        code: 'E_NOT_FOUND',
      });
      await expect(server.alice.client.call('webhookList')).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
    } finally {
      await server.close();
    }
  });
});

describe('by the command line', () => {
  it('webhooks are listed, tested and sent again; the log is found by target, page by page, and exported', async () => {
    const receiver = await receive();
    const server = await serve('sqlite', [{ name: 'chat', url: receiver.url, events: ['run.*'] }]);
    using folder = makeTempFolder();
    try {
      const env = {
        COUNTERSIGN_SERVER: server.url,
        COUNTERSIGN_TOKEN: server.admin.token,
        COUNTERSIGN_DATA_DIR: folder.path,
      };
      const cli = (...args: string[]) => runCountersign([...args, '--no-input'], { env, cwd: folder.path });
      const tested = await cli('webhooks', 'test', 'chat');
      expect([tested.code, tested.stdout]).toEqual([0, 'ok: it took the test event\n']);
      expect(receiver.taken().map(({ type, data }) => [type, data.leaf_index])).toEqual([
        ['countersign.webhook.test', null],
      ]);
      receiver.answer(302);
      const failed = await cli('webhooks', 'test', 'chat');
      expect([failed.code, failed.stdout]).toEqual([1, 'failed: the receiver answered 302\n']);
      expect((await cli('webhooks', 'resend', 'chat')).stdout).toContain('0 to be tried once more');
      expect((await cli('webhooks', 'ls')).stdout).toMatch(/chat +ok +http:\/\/127\.0\.0\.1:\d+ /);

      const ended = await runToEnd(
        server.alice.client,
        await propose(server.alice.client, writeFiles('dev', { 'a.txt': 'a\n' })),
      );
      await anchored(server.alice.client, ended.op_id);
      const whole = await auditEntries(server, { target: 'shop-dev' });
      expect(whole.length).toBeGreaterThan(5);
      expect(new Set(whole.map(({ subject }) => subject.id))).toEqual(new Set([ended.op_id]));
      expect(await auditEntries(server, { target: 'shop-prod' })).toEqual([]);
      expect(await auditEntries(server, { project: 'shop', environment: 'dev' })).toEqual(whole);
      const { client } = server.vera;
      const pages: number[] = [];
      for (let before: number | undefined; ; ) {
        const query = {
          target: 'shop-dev',
          order: 'newest',
          limit: 3,
          ...(before === undefined ? {} : { before }),
        } as const;
        const page = await client.call('audit', { query });
        pages.push(...page.entries.map(({ leaf_index }) => leaf_index ?? -1));
        if (page.next === null) break;
        before = page.next;
      }
      expect(pages).toEqual(whole.map(({ leaf_index }) => leaf_index ?? -1).reverse());
      const exported = await cli('audit', 'export', '--out', 'some.jsonl', '--target', 'shop-dev', '--event', 'run.*');
      expect(exported.code).toBe(0);
      const runs = whole.filter(({ event }) => event.startsWith('run.'));
      let text = '';
      for await (const chunk of client.stream('auditExport', { query: { target: 'shop-dev', event: 'run.*' } }))
        text += Buffer.from(chunk).toString('utf8');
      const lines = text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line).entry_id);
      expect(lines).toEqual(runs.map(({ entry_id }) => entry_id));
      await expect(client.call('audit', { query: { event: 'run.nothing' } })).rejects.toMatchObject({
        code: 'E_VALIDATION',
      });
    } finally {
      await server.close();
    }
  });
});
