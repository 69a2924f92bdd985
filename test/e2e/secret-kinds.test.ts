import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, connect } from '@countersign/client';
import {
  createTestDatabase,
  freePort,
  makeGitRepository,
  makeTempFolder,
  startCountersign,
  waitForHttp,
  waitUntil,
} from '@countersign/testing';
import { TOTP } from 'otpauth';
import { Client as Postgres } from 'pg';
import { describe, expect, it } from 'vitest';
import { Browser, type BrowserAnswer } from './harness/browser.ts';
import { fetchBundle } from './harness/bundle.ts';
import { canariesIn, searchFolder } from './harness/canaries.ts';
import { anchored, propose, runToEnd, writeFiles } from './harness/flow.ts';
import { startIssuer } from './harness/oidc-issuer.ts';
import { repoTargets } from './harness/open-server.ts';
import { startReceiver } from './harness/receiver.ts';
import { send } from './harness/send.ts';
import { everywhere } from './harness/sign-in.ts';

async function dumpPostgres(url: string): Promise<string> {
  const client = new Postgres({ connectionString: url });
  await client.connect();
  const { rows } = await client.query("select tablename as name from pg_tables where schemaname = 'public'");
  let text = '';
  for (const { name } of rows) text += JSON.stringify((await client.query(`select * from "${name}"`)).rows);
  await client.end();
  return text;
}

/** The URL of a database with a password in it; the server of the tests asks for none and takes any. */
function withPassword(url: string, password: string): string {
  const changed = new URL(url);
  changed.password = password;
  return changed.href;
}

/** Every answer and its headers, but for what hands a secret out, which says so. */
class Answers {
  readonly #texts: string[] = [];
  keep(answer: BrowserAnswer): BrowserAnswer {
    const { 'set-cookie': _cookie, ...headers } = answer.headers;
    this.#texts.push(JSON.stringify([headers, answer.body]));
    return answer;
  }
  say(text: string): void {
    this.#texts.push(text);
  }
  get text(): string {
    return this.#texts.join('\n');
  }
}

const field = ({ body }: BrowserAnswer, name: string): string => String(Object(body)[name] ?? '');

describe.each(['sqlite', 'postgres'] as const)('every kind of secret [%s]', (dialect) => {
  it('what people, machines and services prove themselves with stands in no sink, after it was used, refused, mistyped and revoked (OA-6, CP-9)', async () => {
    const seed = randomBytes(6).toString('hex');
    using folder = makeTempFolder();
    using repo = await makeGitRepository({ 'a.txt': 'a\n' });
    await using database = dialect === 'postgres' ? await createTestDatabase() : null;
    const receiver = await startReceiver();
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    await using issuer = await startIssuer([`${url}/v1/auth/providers/corp/callback`]);
    const canaries: Record<string, string> = {
      password: `pw-${seed}-correct horse`,
      'next password': `np-${seed}-battery staple`,
      'password as a name': `pn-${seed}-typed-into-the-name`,
      'webhook secret': `wh-${seed}-of-the-webhook`,
      'webhook address': `key-${seed}-in-the-address`,
      'provider secret': issuer.clientSecret,
      'database password': `db-${seed}-in-the-url`,
      'sealed input': `se-${seed}-Tr0ub4dor+3/x`,
    };
    const config = join(folder.path, 'countersign.yaml');
    const corp = { name: 'corp', issuer: issuer.url, client_id: issuer.clientId, client_secret_env: 'CORP_SECRET' };
    const groups = [{ group: 'operators', grants: everywhere('approver') }];
    const hook = `${receiver.url}&key2=${canaries['webhook address']}`;
    writeFileSync(
      config,
      JSON.stringify({
        targets: repoTargets({ dev: repo, stage: repo, prod: repo }),
        sign_in: { public_url: url, oidc: [{ ...corp, groups }] },
        outbound: { allow: ['127.0.0.1'] },
        webhooks: [
          { name: 'all', url: hook, secret_env: 'HOOK_SECRET', events: ['*'] },
          {
            name: 'down',
            url: `http://127.0.0.1:1/?key=${canaries['webhook address']}`,
            secret_env: 'HOOK_SECRET',
            most_attempts: 1,
          },
        ],
      }),
    );
    const dataDir = join(folder.path, 'data');
    await using child = await startCountersign(['serve', '--config', config], {
      cwd: folder.path,
      env: {
        COUNTERSIGN_DATA_DIR: dataDir,
        COUNTERSIGN_PORT: String(port),
        COUNTERSIGN_LOG_LEVEL: 'trace',
        DATABASE_URL:
          database === null ? '' : withPassword(database.connectionString, canaries['database password'] ?? ''),
        CORP_SECRET: issuer.clientSecret,
        HOOK_SECRET: canaries['webhook secret'] ?? '',
      },
    });
    try {
      await waitForHttp(`${url}/readyz`, { timeoutMs: 60_000 });
      const answers = new Answers();
      const first = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
      const admin = connect({ url, token: first });
      const clientOf = (token: string): Client =>
        connect({
          url,
          token,
          async fetch(input, init) {
            const response = await fetch(input, init);
            answers.say(JSON.stringify([...response.headers]) + (await response.clone().text()));
            return response;
          },
        });
      const note = (name: string, secret: string): string => {
        expect(secret.length, name).toBeGreaterThanOrEqual(16);
        canaries[name] = secret;
        return secret;
      };

      // A person: invite, password, session, CSRF token, TOTP, fresh proof, another password, signing out.
      const invited = await admin.call('inviteCreate', {
        body: { name: 'ann', grants: everywhere('approver'), groups: [] },
      });
      const invite = note('invite', invited.link.split('#invite=')[1] ?? '');
      const ann = new Browser(url);
      const { password = '', 'next password': next = '' } = canaries;
      answers.keep(await ann.post('/v1/auth/invite', { invite }));
      expect(answers.keep(await ann.post('/v1/auth/register', { invite, password })).status).toBe(201);
      note('session of the invite', ann.session);
      answers.keep(await ann.post('/v1/auth/register', { invite, password }));
      note('csrf token', field(await ann.get('/v1/auth/csrf/bootstrap'), 'csrf_token'));
      answers.keep(
        await ann.raw({
          method: 'POST',
          path: '/v1/auth/logout',
          body: {},
          headers: { 'x-csrf-token': `${canaries['csrf token']}x` },
        }),
      );
      expect(answers.keep(await ann.post('/v1/step-up', { method: 'password', password })).status).toBe(200);
      note('session of the step-up', ann.session);
      const totp = new TOTP({ secret: note('totp secret', field(await ann.post('/v1/account/totp'), 'secret')) });
      const code = totp.generate();
      expect(answers.keep(await ann.post('/v1/account/totp/confirm', { code })).status).toBe(200);
      answers.keep(await ann.post('/v1/step-up', { method: 'totp', code }));
      answers.keep(await ann.post('/v1/account/password', { current: password, next }));
      answers.keep(await ann.post('/v1/account/password', { current: next, next: password }));
      const stranger = new Browser(url);
      answers.keep(await stranger.post('/v1/auth/login', { name: canaries['password as a name'], password }));
      answers.keep(await stranger.post('/v1/auth/login', { name: 'ann', password: canaries['password as a name'] }));
      answers.keep(await stranger.post('/v1/auth/login', { name: 'ann', password, surplus: password }));
      answers.keep(
        await stranger.raw({ method: 'POST', path: '/v1/auth/register', body: { invite: password, password: next } }),
      );
      answers.keep(await ann.get('/v1/auth/sessions'));
      answers.keep(await ann.get('/v1/account'));

      // A provider: the code comes once, and is tried again.
      const zoe = new Browser(url);
      issuer.account = { sub: 'subject-1', preferred_username: 'zoe', groups: ['operators'] };
      const begun = await zoe.post('/v1/auth/providers/corp/begin', {});
      const back = new URL(await issuer.visit(field(begun, 'url')));
      note('code of the provider', back.searchParams.get('code') ?? '');
      note('state of the provider', back.searchParams.get('state') ?? '');
      const callback = `${back.pathname}${back.search}`;
      expect(answers.keep(await zoe.get(callback)).status).toBe(303);
      note('session of the provider', zoe.session);
      answers.keep(await zoe.get(callback));
      answers.keep(await stranger.get(callback));

      // A machine: a token that works, asks for too much, is sent where it does not belong, and is revoked.
      const made = await admin.call('tokenCreate', { body: { name: 'ci', kind: 'person', role: 'actions' } });
      const token = note('token', made.token);
      const ci = clientOf(token);
      await ci.call('peopleList').catch(() => null);
      for (const path of [`/v1/whoami?token=${token}`, `/v1/ops/${token}`, `/${token}`])
        answers.say(await (await send(url, { path, token })).text());
      answers.say(await (await send(url, { path: '/v1/whoami', token: `${token}x` })).text());

      // A change: its sealed input, its confirmation, its evidence, its stream.
      const content = `password: ${canaries['sealed input']}\n`;
      const planned = await propose(ci, writeFiles('stage', { 'b.yaml': content }));
      const params = { op_id: planned.op_id };
      const shown = await connect({ url, token }).call('opsConfirmation', { params, body: {} });
      const confirmation = note('confirmation', shown.confirmation);
      await ci
        .call('opsConfirm', { params, body: { digest: shown.digest, confirmation: `${confirmation}x` } })
        .catch(() => null);
      await ci.call('opsConfirm', { params, body: { digest: shown.digest, confirmation } });
      await ci.call('opsConfirm', { params, body: { digest: shown.digest, confirmation } }).catch(() => null);
      await runToEnd(ci, planned);
      await anchored(ci, planned.op_id);
      const bundle = await fetchBundle(ci, planned.bundle_id);
      for await (const event of ci.events(planned.op_id)) answers.say(JSON.stringify(event));
      for await (const chunk of ci.stream('auditExport', { query: {} }))
        answers.say(Buffer.from(chunk).toString('utf8'));
      await admin.call('tokenRevoke', { params: { token_id: made.token_id } });
      answers.say(await (await send(url, { path: '/v1/whoami', token })).text());
      answers.keep(await ann.post('/v1/auth/logout', { everywhere: true }));
      const admins = clientOf(first);
      await admins.call('webhookTest', { params: { name: 'down' } });
      for (const list of ['webhookList', 'tokenList', 'peopleList', 'inviteList', 'health'] as const)
        await admins.call(list);
      await admins.call('audit', { query: { limit: 500 } });
      await waitUntil('the webhook knows of the end', () =>
        receiver.taken().some(({ type }) => type === 'countersign.token.revoked'),
      );
      await waitUntil('the other gave up', async () =>
        (await admin.call('webhookList')).webhooks.some(({ dead_letter_count }) => dead_letter_count > 0),
      );

      expect(Object.keys(canaries).length).toBeGreaterThanOrEqual(17);
      const planted = Buffer.from(JSON.stringify(Object.values(canaries)));
      expect(canariesIn(planted, canaries), 'each would be found').toEqual(Object.keys(canaries));
      const onDisk = searchFolder(dataDir, canaries);
      expect(onDisk.files).toBeGreaterThan(3);
      const places = {
        database: database === null ? '' : await dumpPostgres(database.connectionString),
        metrics: await admin.call('metrics'),
        log: child.stderr() + child.stdout(),
        answers: answers.text,
        webhooks: receiver.seen.map(({ body }) => body).join('\n'),
        evidence: [...bundle.files]
          .map(([path, bytes]) => `${path}\n${Buffer.from(bytes).toString('latin1')}`)
          .join('\n'),
      };
      const hits = Object.entries(places).flatMap(([place, text]) =>
        canariesIn(Buffer.from(text), canaries).map((name) => `${place}: ${name}`),
      );
      expect([...onDisk.hits, ...hits]).toEqual([]);
      for (const [place, text] of Object.entries(places))
        if (place !== 'database') expect(text.length, place).toBeGreaterThan(100);
      console.log(
        `${Object.keys(canaries).length} secrets in ${onDisk.files} files and ${Object.keys(places).length} other sinks: 0 hits`,
      );
    } finally {
      receiver.close();
    }
  }, 120_000);
});
