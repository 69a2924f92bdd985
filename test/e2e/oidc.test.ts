import { freePort } from '@countersign/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { Browser, type BrowserAnswer } from './harness/browser.ts';
import { type Issuer, startIssuer } from './harness/oidc-issuer.ts';
import { openServer, type TestServer } from './harness/open-server.ts';
import { errorOf, everywhere } from './harness/sign-in.ts';

const groups = [
  { group: 'operators', grants: everywhere('approver'), approver_groups: ['network'] },
  { group: 'owners', grants: everywhere('admin') },
];

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly issuer: Issuer;
}

async function openWorld(dialect: 'sqlite' | 'postgres'): Promise<World> {
  const port = await freePort();
  const publicUrl = `http://127.0.0.1:${port}`;
  const issuer = await startIssuer([`${publicUrl}/v1/auth/providers/corp/callback`]);
  const corp = {
    name: 'corp',
    label: 'Corporate',
    issuer: issuer.url,
    client_id: issuer.clientId,
    client_secret_env: 'CORP_SECRET',
    groups,
  };
  const server = await openServer(dialect, {
    port,
    worker: false,
    env: { CORP_SECRET: issuer.clientSecret },
    config: {
      sign_in: { public_url: publicUrl, oidc: [corp] },
      outbound: { allow: [new URL(issuer.url).host] },
    },
  });
  return {
    server,
    issuer,
    async [Symbol.asyncDispose]() {
      await server.close();
      await issuer[Symbol.asyncDispose]();
    },
  };
}

/** Begins a sign-in; answers where the browser is sent. */
async function begun(browser: Browser, body: Record<string, unknown> = {}): Promise<URL> {
  const answer = await browser.post('/v1/auth/providers/corp/begin', body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return new URL(String(Object(answer.body).url));
}

/** Comes back from the provider to the address that it named. */
function comeBack(browser: Browser, address: string): Promise<BrowserAnswer> {
  const { pathname, search } = new URL(address);
  return browser.get(`${pathname}${search}`);
}

/** The whole way, with what the test changes on it. */
async function signIn(
  { server, issuer }: World,
  change: { begin?: Record<string, unknown>; authorization?: (url: URL) => void } = {},
): Promise<{ browser: Browser; answer: BrowserAnswer; address: string }> {
  const browser = new Browser(server.url);
  const url = await begun(browser, change.begin);
  change.authorization?.(url);
  const address = await issuer.visit(url.href);
  return { browser, answer: await comeBack(browser, address), address };
}

describe.each(['sqlite', 'postgres'] as const)('OpenID sign-in [%s]', (dialect) => {
  let opened: World | null = null;
  beforeAll(async () => {
    opened = await openWorld(dialect);
  });
  afterAll(() => opened?.[Symbol.asyncDispose]());
  const world = (): World => {
    if (opened === null) throw new Error('the world is not open');
    opened.issuer.account = { sub: 'subject-1', preferred_username: 'zoe', groups: ['operators'] };
    opened.issuer.forge = null;
    opened.issuer.foreignKey = false;
    return opened;
  };

  /** Expects that nobody was signed in, and that the log says why. */
  async function expectRefused(signedIn: Awaited<ReturnType<typeof signIn>>, why: RegExp): Promise<void> {
    const { browser, answer } = signedIn;
    expect([answer.status, errorOf(answer), browser.session]).toEqual([401, 'E_SIGN_IN_FAILED', '']);
    const entries = await auditEntries(world().server, { event: 'auth.provider_refused' });
    expect(entries.at(-1)?.detail['why']).toMatch(why);
    expect((await browser.get('/v1/whoami')).status).toBe(401);
  }

  it('somebody whose groups are mapped signs in, with PKCE, and is who the provider says with what their groups give (OA-6)', async () => {
    const { issuer, server } = world();
    const browser = new Browser(server.url);
    const choices = await browser.get('/v1/auth/choices');
    expect(choices.body).toMatchObject({ providers: [{ name: 'corp', label: 'Corporate' }] });
    const url = await begun(browser, { return_to: '/ops?tab=mine' });
    expect(url.origin).toBe(issuer.url);
    expect(url.searchParams.get('code_challenge_method')).toBe('S256');
    const answer = await comeBack(browser, await issuer.visit(url.href));
    expect([answer.status, answer.headers['location']]).toEqual([303, '/ops?tab=mine']);
    expect((await browser.get('/v1/whoami')).body).toMatchObject({
      id: 'person:zoe',
      role: 'approver',
      groups: ['network'],
    });
    expect(browser.cookies.size, 'the cookie of the way is gone').toBe(1);
    issuer.account = { ...issuer.account, groups: ['owners'] };
    const again = await signIn(world());
    expect((await again.browser.get('/v1/whoami')).body).toMatchObject({ id: 'person:zoe' });
  });

  it('a test that forges an ID token forges a good one: with every claim right it is taken', async () => {
    const here = world();
    here.issuer.forge = (claims) => claims;
    const { answer } = await signIn(here);
    expect(answer.status).toBe(303);
  });

  it('an ID token for another nonce is refused (OA-6)', async () => {
    const change = (url: URL) => url.searchParams.set('nonce', 'somebody-else-began-this');
    await expectRefused(await signIn(world(), { authorization: change }), /nonce/);
  });

  it('an ID token for another audience is refused (OA-6)', async () => {
    const here = world();
    here.issuer.forge = (claims) => ({ ...claims, aud: 'another-client' });
    await expectRefused(await signIn(here), /aud/);
  });

  it('an ID token of another issuer is refused (OA-6)', async () => {
    const here = world();
    here.issuer.forge = (claims) => ({ ...claims, iss: 'https://id.evil.example' });
    await expectRefused(await signIn(here), /iss/);
  });

  it('an ID token that ran out, or that another key signed, is refused (OA-6)', async () => {
    const here = world();
    here.issuer.forge = (claims) => ({ ...claims, exp: 1_700_000_000 });
    await expectRefused(await signIn(here), /exp/);
    here.issuer.forge = (claims) => claims;
    here.issuer.foreignKey = true;
    await expectRefused(await signIn(here), /signature/);
  });

  it('a code that was used before is refused, at the same address and with a state of its own (OA-6)', async () => {
    const here = world();
    const first = await signIn(here);
    expect(first.answer.status).toBe(303);
    const replayed = await comeBack(first.browser, first.address);
    expect(errorOf(replayed)).toBe('E_SIGN_IN_FAILED');
    const second = new Browser(here.server.url);
    const url = await begun(second);
    const address = new URL(first.address);
    address.searchParams.set('state', url.searchParams.get('state') ?? '');
    const answer = await comeBack(second, address.href);
    await expectRefused({ browser: second, answer, address: address.href }, /grant|code/);
  });

  it('a code that was meant for somebody else is refused: another browser did not begin this (OA-6)', async () => {
    const here = world();
    const attacker = new Browser(here.server.url);
    const address = await here.issuer.visit((await begun(attacker)).href);
    const before = here.issuer.tokenRequests();
    const victim = new Browser(here.server.url);
    await expectRefused({ browser: victim, answer: await comeBack(victim, address), address }, /browser/);
    await begun(victim);
    await expectRefused({ browser: victim, answer: await comeBack(victim, address), address }, /browser/);
    expect(here.issuer.tokenRequests(), 'the code went nowhere').toBe(before);
  });

  it('nobody uninvited is let in; a link lets them in under the name that it says (OA-6)', async () => {
    const here = world();
    const nobody = { sub: 'subject-2', preferred_username: 'yan', groups: ['staff'] };
    here.issuer.account = nobody;
    await expectRefused(await signIn(here), /mapped/);
    const { admin } = here.server;
    const body = { name: 'yannick', grants: everywhere('viewer'), groups: [] };
    const { link } = await admin.client.call('inviteCreate', { body });
    here.issuer.account = nobody;
    const { browser, answer } = await signIn(here, { begin: { invite: link.split('#invite=')[1] } });
    expect(answer.status).toBe(303);
    expect((await browser.get('/v1/whoami')).body).toMatchObject({ id: 'person:yannick', role: 'viewer' });
    const { people } = await admin.client.call('peopleList');
    expect(people.find(({ name }) => name === 'yannick')?.proofs).toMatchObject({
      password: false,
      issuer: here.issuer.url,
    });
  });

  it('a browser is sent only to a page of this server (OA-6)', async () => {
    const browser = new Browser(world().server.url);
    for (const return_to of ['https://evil.example/', '//evil.example', '/\\evil.example'])
      expect(errorOf(await browser.post('/v1/auth/providers/corp/begin', { return_to })), return_to).toBe(
        'E_VALIDATION',
      );
  });

  // SQLite has one process.
  if (dialect !== 'postgres') return;
  it('what began at one server is finished at another (OA-6)', async () => {
    const here = world();
    const other = await here.server.another();
    const browser = new Browser(here.server.url);
    const address = await here.issuer.visit((await begun(browser)).href);
    const elsewhere = new Browser(other.url);
    for (const [name, value] of browser.cookies) elsewhere.cookies.set(name, value);
    expect((await comeBack(elsewhere, address)).status).toBe(303);
    browser.cookies.set('__Host-countersign', elsewhere.session);
    expect((await browser.get('/v1/whoami')).body).toMatchObject({ id: 'person:zoe' });
    await browser.post('/v1/auth/logout', {});
    expect((await elsewhere.get('/v1/whoami')).status).toBe(401);
  });
});
