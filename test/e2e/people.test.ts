import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CreationOptions, type RequestOptions, runCountersign, SoftAuthenticator } from '@countersign/testing';
import { TOTP } from 'otpauth';
import { expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { Browser, type BrowserAnswer } from './harness/browser.ts';
import { describeServer, type Stage } from './harness/describe-server.ts';
import { errorOf, everywhere, inviteSecret, joined, opens, password } from './harness/sign-in.ts';

const secretIn = ({ headers }: BrowserAnswer): string => String(headers['set-cookie'] ?? '');
const creation = ({ body }: BrowserAnswer): CreationOptions => Object(body).options;
const asked = ({ body }: BrowserAnswer): RequestOptions => Object(body).options;
const sessionsOf = (answer: BrowserAnswer): { session_id: string; current: boolean }[] => Object(answer.body).sessions;
/** The origin of the server's pages, as it calls itself. */
const originOf = (stage: Stage): string => `http://localhost:${new URL(stage.url).port}`;

describeServer('people', { worker: false }, (stage) => {
  it('the first person is invited on the command line, joins by the link and is signed in (OA-6)', async () => {
    const { url, dataDir, admin } = stage();
    const asAdmin = { COUNTERSIGN_SERVER: url, COUNTERSIGN_DATA_DIR: dataDir };
    const run = (...words: string[]) => runCountersign(['people', ...words], { env: asAdmin });
    const invited = await run('invite', 'ann', '--role', 'admin', '--group', 'database');
    expect([invited.code, invited.stderr]).toEqual([0, expect.stringContaining('invites ann as admin')]);
    const [, invite = ''] =
      new RegExp(`^${originOf(stage())}/sign-in#invite=(csi_[\\w-]{43})\\n$`).exec(invited.stdout) ?? [];
    const browser = new Browser(url);
    expect((await browser.post('/v1/auth/invite', { invite })).body).toMatchObject({ kind: 'join', name: 'ann' });
    const answer = await browser.post('/v1/auth/register', { invite, password });
    expect(answer).toMatchObject({
      status: 201,
      body: { principal: { id: 'person:ann', role: 'admin', groups: ['database'] }, session: { method: 'invite' } },
    });
    expect(secretIn(answer)).toMatch(
      /^__Host-countersign=css_[\w-]{43}; Path=\/; Max-Age=\d+; Secure; HttpOnly; SameSite=Strict$/,
    );
    expect(JSON.stringify(answer.body)).not.toContain(browser.session);
    expect((await browser.get('/v1/whoami')).body).toMatchObject({ id: 'person:ann', kind: 'person', root: 'ann' });
    const listed = await run('ls', '--json');
    expect(JSON.parse(listed.stdout).people).toMatchObject([{ name: 'ann', proofs: { password: true, totp: false } }]);
    // The link opens nothing a second time, and the log tells of all of it without a secret.
    expect(errorOf(await browser.post('/v1/auth/register', { invite, password }))).toBe('E_INVITE_INVALID');
    const entries = await auditEntries(stage(), {});
    const events = new Set(entries.map(({ event }) => event));
    for (const event of ['invite.made', 'invite.redeemed', 'invite.refused', 'auth.signed_in'])
      expect(events.has(event), event).toBe(true);
    for (const secret of [invite, password, browser.session, admin.token])
      expect(JSON.stringify(entries)).not.toContain(secret);
  });

  it('of many who redeem one link at the same time one wins (OA-6)', async () => {
    const { url } = stage();
    const count = Number(process.env['COUNTERSIGN_REDEMPTIONS'] ?? '40');
    const invite = await inviteSecret(stage(), 'bea', 'viewer');
    const answers = await Promise.all(
      Array.from({ length: count }, (_, each) =>
        new Browser(url, `127.1.${each >> 8}.${each & 255}`).post('/v1/auth/register', { invite, password }),
      ),
    );
    const statuses = answers.map(({ status }) => status);
    expect(statuses.filter((status) => status === 201)).toHaveLength(1);
    const refusals = new Set(answers.filter(({ status }) => status !== 201).map(errorOf));
    // Of more than may wait for their password to be hashed, the rest is told to come back.
    if (count > 100) refusals.delete('E_RATE_LIMITED');
    expect(refusals).toEqual(new Set(['E_INVITE_INVALID']));
    const people = (await stage().admin.client.call('peopleList')).people.filter(({ name }) => name === 'bea');
    expect(people).toHaveLength(1);
  });

  it('a session cannot be fixed beforehand, gets a new secret at each sign-in and step-up, and ends where it is told to (OA-6)', async () => {
    const { url } = stage();
    const first = await joined(stage(), 'cid');
    const login = { name: 'cid', password };
    // What somebody planted is not what the sign-in hands out.
    const planted = `css_${'x'.repeat(43)}`;
    const victim = new Browser(url);
    victim.cookies.set('__Host-countersign', planted);
    expect((await victim.raw({ method: 'POST', path: '/v1/auth/login', body: login })).status).toBe(200);
    expect(victim.session).toMatch(/^css_/);
    expect(victim.session).not.toBe(planted);
    expect(await opens(url, planted)).toBe(false);
    // A browser that signs in again leaves its former session behind.
    const former = victim.session;
    expect((await victim.post('/v1/auth/login', login)).status).toBe(200);
    expect([await opens(url, former), await opens(url, victim.session)]).toEqual([false, true]);
    // A step-up changes the secret of the same session.
    const before = { secret: victim.session, list: sessionsOf(await victim.get('/v1/auth/sessions')) };
    const stepped = await victim.post('/v1/step-up', { method: 'password', password });
    expect(stepped).toMatchObject({ status: 200, body: { methods: ['password'], fresh_until: expect.any(Number) } });
    expect(await opens(url, before.secret)).toBe(false);
    const after = sessionsOf(await victim.get('/v1/auth/sessions'));
    expect(after.map(({ session_id: id }) => id).toSorted()).toEqual(
      before.list.map(({ session_id: id }) => id).toSorted(),
    );
    // One session ends another, and signing out everywhere ends them all.
    const other = sessionsOf(await first.get('/v1/auth/sessions')).find(({ current }) => !current);
    expect((await first.send('DELETE', `/v1/auth/sessions/${other?.session_id}`)).status).toBe(200);
    expect(await opens(url, victim.session)).toBe(false);
    const third = new Browser(url);
    await third.post('/v1/auth/login', login);
    const secrets = [first.session, third.session];
    expect((await first.post('/v1/auth/logout', { everywhere: true })).body).toEqual({ sessions: 2 });
    expect(first.session, 'the browser was told to forget it').toBe('');
    for (const secret of secrets) expect(await opens(url, secret)).toBe(false);
  });

  it("another's session is nobody's business but an administrator's, who may end it; disabling ends tokens too (OA-6)", async () => {
    const { url, admin, alice } = stage();
    const dan = await joined(stage(), 'dan', 'approver');
    const [{ session_id: id } = { session_id: '' }] = sessionsOf(await dan.get('/v1/auth/sessions'));
    const params = { session_id: id };
    await expect(alice.client.call('sessionRevoke', { params })).rejects.toMatchObject({ code: 'E_NOT_FOUND' });
    await expect(alice.client.call('peopleList')).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
    expect(await opens(url, dan.session)).toBe(true);
    await admin.client.call('sessionRevoke', { params });
    expect(await opens(url, dan.session)).toBe(false);

    await dan.post('/v1/auth/login', { name: 'dan', password });
    const token = await stage().bearer({ name: 'dans-bot', kind: 'agent', role: 'viewer', owner: 'dan' });
    await token.client.call('whoami');
    const ended = await admin.client.call('personDisable', { params: { name: 'dan' }, body: {} });
    expect(ended).toMatchObject({ sessions: 1, tokens: 1 });
    expect(await opens(url, dan.session)).toBe(false);
    await expect(token.client.call('whoami')).rejects.toMatchObject({ code: 'E_AUTH_INVALID' });
    expect(errorOf(await new Browser(url).post('/v1/auth/login', { name: 'dan', password }))).toBe('E_SIGN_IN_FAILED');
  });

  it('an account is changed by signing in alone: no token of its person does it (OA-6)', async () => {
    const { alice } = stage();
    await expect(alice.client.call('accountGet')).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
    const body = { next: 'a password by token' };
    await expect(alice.client.call('passwordChange', { body })).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
  });

  it('what a person may do is changed at once, for the session they have (OA-6)', async () => {
    const { admin } = stage();
    const eve = await joined(stage(), 'eve', 'viewer');
    expect(errorOf(await eve.get('/v1/people'))).toBe('E_AUTH_FORBIDDEN');
    const body = { grants: everywhere('admin'), groups: ['network'] };
    await admin.client.call('personGrant', { params: { name: 'eve' }, body });
    expect((await eve.get('/v1/people')).status).toBe(200);
    expect((await eve.get('/v1/whoami')).body).toMatchObject({ role: 'admin', groups: ['network'] });
  });

  it('an authenticator is set up, asked for at sign-in, and its codes count once (OA-6)', async () => {
    const { url } = stage();
    const fay = await joined(stage(), 'fay');
    expect(errorOf(await fay.post('/v1/account/totp'))).toBe('E_STEP_UP_REQUIRED');
    await fay.post('/v1/step-up', { method: 'password', password });
    const offer = await fay.post('/v1/account/totp');
    const secret = String(Object(offer.body).secret);
    const totp = new TOTP({ secret });
    // The step before the present one counts too: so three codes in a row can be had without waiting.
    const code = (step: number) => totp.generate({ timestamp: Date.now() + step * 30_000 });
    expect((await fay.post('/v1/account/totp/confirm', { code: code(-1) })).body).toMatchObject({
      person: { proofs: { totp: true } },
    });
    const login = async (totpCode?: string) => {
      const browser = new Browser(url);
      const answer = await browser.post('/v1/auth/login', {
        name: 'fay',
        password,
        ...(totpCode === undefined ? {} : { totp: totpCode }),
      });
      return errorOf(answer) ?? answer.status;
    };
    expect(await login()).toBe('E_SECOND_FACTOR_REQUIRED');
    const present = code(0);
    expect(await login(present)).toBe(200);
    expect(await login(present)).toBe('E_SIGN_IN_FAILED');
    expect(errorOf(await fay.post('/v1/step-up', { method: 'totp', code: present }))).toBe('E_STEP_UP_FAILED');
    expect((await fay.post('/v1/step-up', { method: 'totp', code: code(1) })).status).toBe(200);
    expect(errorOf(await fay.post('/v1/step-up', { method: 'password', password }))).toBe('E_STEP_UP_FAILED');
    // At rest the secret is sealed.
    const rows = await stage().running.context.store.read(async (reads) => {
      const person = await reads.people.byName('fay');
      return await reads.factors.totp(person?.id ?? '');
    });
    expect(JSON.stringify(rows)).not.toContain(secret);
  });

  it('a passkey is added, signs in without a name, and steps up; no challenge counts twice or for another purpose (OA-6)', async () => {
    const { url } = stage();
    const gus = await joined(stage(), 'gus');
    const key = new SoftAuthenticator(originOf(stage()), 1);
    await gus.post('/v1/step-up', { method: 'password', password });
    const begun = creation(await gus.post('/v1/account/passkeys/begin'));
    const made = key.create(begun);
    const add = () => gus.post('/v1/account/passkeys', { name: 'key ring', response: made });
    expect(await add()).toMatchObject({ status: 201, body: { passkeys: [{ name: 'key ring', passkey_id: key.id }] } });
    expect(errorOf(await add()), 'the challenge is used up').toBe('E_STEP_UP_FAILED');

    const browser = new Browser(url);
    const begin = async () => asked(await browser.post('/v1/auth/passkey/begin'));
    const options = await begin();
    const answer = key.get(options);
    const login = (response: unknown) => browser.post('/v1/auth/passkey', { response });
    expect(await login(answer)).toMatchObject({
      status: 200,
      body: { principal: { name: 'gus' }, session: { method: 'passkey', stepped_up_at: expect.any(Number) } },
    });
    const stranger = new SoftAuthenticator(originOf(stage()));
    const refusals = [
      answer,
      key.get(await begin(), { foreignKey: true }),
      key.get(await begin(), { origin: 'https://evil.example' }),
      key.get(await begin(), { unverified: true }),
      key.get(await begin(), { counter: 1 }),
      key.get(await begin(), { userHandle: 'c29tZWJvZHk' }),
      stranger.get(await begin()),
      key.get({ challenge: asked(await gus.post('/v1/step-up/passkey')).challenge, rpId: 'localhost' }),
    ];
    const attacker = new Browser(url, '127.0.0.9');
    for (const response of refusals)
      expect(errorOf(await attacker.raw({ method: 'POST', path: '/v1/auth/passkey', body: { response } }))).toBe(
        'E_SIGN_IN_FAILED',
      );
    expect(attacker.session).toBe('');
    const stepped = await gus.post('/v1/step-up', {
      method: 'passkey',
      response: key.get(asked(await gus.post('/v1/step-up/passkey'))),
    });
    expect(stepped).toMatchObject({ status: 200, body: { methods: ['passkey'] } });
  });

  it('a bearer token steps up by a code that only the host can read, on the command line (OA-6)', async () => {
    const { url, dataDir, admin } = stage();
    const asAdmin = { COUNTERSIGN_SERVER: url, COUNTERSIGN_DATA_DIR: dataDir };
    expect((await admin.client.call('stepUpGet')).fresh_until).toBeNull();
    const done = await runCountersign(['step-up'], { env: asAdmin });
    expect([done.code, done.stdout]).toEqual([0, expect.stringMatching(/^Proven by host; counts until /)]);
    expect((await admin.client.call('stepUpGet')).fresh_until).toBeGreaterThan(Date.now());
    // Another's code is of no use.
    const { file } = await stage().alice.client.call('stepUpHost', { body: {} });
    expect(file.startsWith(join(dataDir, 'step-up'))).toBe(true);
    const code = readFileSync(file, 'utf8').trim();
    const body = { method: 'host', code } as const;
    await expect(stage().bob.client.call('stepUp', { body })).rejects.toMatchObject({ code: 'E_STEP_UP_FAILED' });
    const bot = await stage().bearer({ name: 'helper', kind: 'agent', role: 'viewer', owner: 'alice' });
    await expect(bot.client.call('stepUpHost', { body: {} })).rejects.toMatchObject({ code: 'E_AUTH_FORBIDDEN' });
  });
});
