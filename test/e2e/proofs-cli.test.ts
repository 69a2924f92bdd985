import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { makeTempFolder, runCountersign, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { withPeople } from './harness/describe-server.ts';
import { anchored, propose, runToEnd, writeFiles } from './harness/flow.ts';
import { type Dialect, openServer } from './harness/open-server.ts';

const secret = 'a secret of the test only';

/** A receiver that refuses until it is told to take. */
async function startReceiver() {
  const seen: { headers: IncomingHttpHeaders; body: string }[] = [];
  let status = 503;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    if (status === 200) seen.push({ headers: request.headers, body });
    response.writeHead(status, status === 302 ? { location: '/elsewhere' } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return {
    url: `http://127.0.0.1:${port}/hook`,
    seen,
    answer: (code: number) => (status = code),
    close: () => server.close(),
  };
}

it.each<Dialect>(['sqlite', 'postgres'])(
  'checkpoints go to a file, git and a webhook; a failing place stops nothing; the log is checked against each; keys rotate by CLI [%s] (DO-17, CP-14)',
  async (dialect) => {
    using folder = makeTempFolder();
    const at = (name: string): string => join(folder.path, name);
    const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8', stdio: 'pipe' }).trim();
    git('init', '--quiet', '--bare', at('remote.git'));
    git('init', '--quiet', at('kept'));
    git('-C', at('kept'), 'remote', 'add', 'away', at('remote.git'));
    const receiver = await startReceiver();
    writeFileSync(at('hook.secret'), `${secret}\n`);
    const checkpoints = [
      { kind: 'file', name: 'disk', every_seconds: 1, path: at('elsewhere/log.jsonl') },
      { kind: 'git', name: 'repo', every_seconds: 1, repository: at('kept'), push: 'away' },
      { kind: 'webhook', name: 'hook', every_seconds: 1, url: receiver.url, secret_file: at('hook.secret') },
    ];
    const server = await withPeople(
      await openServer(dialect, { config: { checkpoints, outbound: { allow: ['127.0.0.1'] } } }),
    );
    try {
      const { alice, admin } = server;
      const data = at('cli');
      mkdirSync(data);
      const env = { COUNTERSIGN_SERVER: server.url, COUNTERSIGN_TOKEN: admin.token, COUNTERSIGN_DATA_DIR: data };
      const cli = (...args: string[]) => runCountersign([...args, '--no-input'], { env, cwd: folder.path });
      const ok = async (...args: string[]) => {
        const result = await cli(...args);
        expect(`${result.code} ${result.stderr}`).toMatch(/^0 /);
        return result;
      };
      const change = async (file: string) => {
        const ended = await runToEnd(alice.client, await propose(alice.client, writeFiles('dev', { [file]: 'x\n' })));
        return await anchored(alice.client, ended.op_id);
      };
      const sinkOf = async (name: string) => {
        const { audit, status } = await alice.client.call('health');
        return { ...audit.exports.find(({ sink }) => sink === name), health: status };
      };

      const first = await change('a.txt');
      await waitUntil('the webhook fails', async () => (await sinkOf('hook')).status === 'degraded');
      expect(await sinkOf('hook')).toMatchObject({
        health: 'degraded',
        message: 'the receiver answered 503',
        tree_size: 0,
      });
      receiver.answer(200);
      await waitUntil('the webhook is mended', async () => (await sinkOf('hook')).status === 'ready');
      const events = await auditEntries(server, { subject: 'hook' });
      expect(events.map(({ event }) => event)).toEqual(['checkpoint.export_failing', 'checkpoint.export_mended']);
      const [call] = receiver.seen;
      const [, seconds = ''] = /^t=(\d+),v1=/.exec(String(call?.headers['x-countersign-signature'])) ?? [];
      const hmac = createHmac('sha256', secret).update(`${seconds}.${call?.body}`).digest('hex');
      expect(call?.headers['x-countersign-signature']).toBe(`t=${seconds},v1=${hmac}`);

      await ok('trust', 'export', '--out', 'first-trust.json');
      await ok('evidence', 'get', first.bundle_id, '--out', 'old-copy');
      await ok('keys', 'rotate', '--reason', 'yearly');
      await change('b.txt');
      const { tree_size } = await alice.client.call('checkpoint');
      for (const name of ['disk', 'repo', 'hook'])
        await waitUntil(`${name} has it`, async () => ((await sinkOf(name)).tree_size ?? 0) >= tree_size);
      const branch = 'refs/heads/countersign-checkpoints';
      expect(git('-C', at('remote.git'), 'rev-parse', branch)).toBe(git('-C', at('kept'), 'rev-parse', branch));
      git('-C', at('kept'), 'fsck', '--strict');

      await ok('trust', 'export', '--out', 'trust.json');
      await ok('audit', 'verify', '--trust', 'trust.json', '--checkpoints', at('elsewhere/log.jsonl'));
      await ok('audit', 'verify', '--trust', 'trust.json', '--checkpoints', at('kept'));
      const older = await cli('audit', 'verify', '--trust', 'first-trust.json');
      expect([older.code, older.stderr]).toEqual([1, expect.stringContaining('older than the one that was kept')]);

      await ok('audit', 'prove', '--leaf', '3');
      await ok('audit', 'prove', '--from', '3');
      await ok('audit', 'export', '--out', 'log.jsonl');
      await ok('audit', 'verify', '--log', 'log.jsonl', '--trust', 'trust.json', '--checkpoints', at('kept'));

      // The old copy wants the log's word, from the server or from the export.
      const alone = await cli('verify', 'old-copy', '--trust', 'trust.json');
      expect([alone.code, alone.stdout]).toEqual([1, expect.stringContaining('anchor.current')]);
      await ok('verify', 'old-copy', '--server', server.url);
      await ok('verify', 'old-copy', '--log', 'log.jsonl');

      // Rewritten, dropped and rolled back: each is told, with where.
      const lines = readFileSync(at('log.jsonl'), 'utf8').split('\n').slice(0, -1);
      const kinds: [string[], string][] = [
        [lines.with(5, (lines[5] ?? '').replace('"ok"', '"failed"')), 'do not give its root hash'],
        [lines.toSpliced(4, 1), 'do not give its root hash'],
        [lines.slice(0, 9), 'the log ends at 9'],
      ];
      for (const [changed, said] of kinds) {
        writeFileSync(at('bad.jsonl'), changed.map((line) => `${line}\n`).join(''));
        writeFileSync(at('bad.jsonl.checkpoint'), readFileSync(at('log.jsonl.checkpoint')));
        const bad = await cli('audit', 'verify', '--log', 'bad.jsonl', '--checkpoints', at('elsewhere/log.jsonl'));
        expect([bad.code, bad.stderr]).toEqual([1, expect.stringContaining(said)]);
      }
    } finally {
      await server.close();
      receiver.close();
    }
  },
  240_000,
);
