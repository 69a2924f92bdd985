import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OperationView } from '@countersign/protocol';
import { freePort, makeTempFolder, type TempFolder } from '@countersign/testing';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readPageFile } from '../../apps/countersign/src/serve/page-files.ts';
import { writeSignInPage } from '../../scripts/build/sign-in-page.ts';
import { type Certificates, makeCertificates } from './harness/certificates.ts';
import { browserArguments, executablePath, openBrowser } from './harness/chromium.ts';
import { withPeople } from './harness/describe-server.ts';
import { propose, show, writeFiles } from './harness/flow.ts';
import type { TestServer } from './harness/open-server.ts';
import { type Site, serveForeignPage, servePage } from './harness/page-site.ts';
import { drawn, hosts, openSecureServer, openTab, reportsAt, signIn, tabOf } from './harness/page-stage.ts';
import { everywhere } from './harness/sign-in.ts';

const password = 'the long password of vera';
/** What a fetch from a page came to. */
const Fetched = z.object({ status: z.number(), code: z.string() });

let folder: TempFolder;
let certificates: Certificates;
let browser: Browser;
let foreign: Site;

/** A file of the page as `npm run build` writes it. */
async function built(name: string): Promise<string | null> {
  const file = join(folder.path, 'page', name);
  return existsSync(file) ? await readFile(file, 'utf8') : null;
}
beforeAll(async () => {
  folder = makeTempFolder();
  certificates = makeCertificates(folder.path, Object.values(hosts));
  browser = await openBrowser(Object.values(hosts), certificates);
  foreign = await serveForeignPage(certificates);
  await writeSignInPage(join(import.meta.dirname, '../../apps/page'), join(folder.path, 'page'));
});
afterAll(async () => {
  await browser?.close();
  await foreign?.close();
  folder?.remove();
});

/** How one mode is set up: where the page is, where the API is. */
interface Mode {
  readonly mode: 'same_origin' | 'same_site' | 'cross_site';
  readonly pageHost: string;
  readonly apiHost: string;
}
const modes: readonly Mode[] = [
  { mode: 'same_origin', pageHost: hosts.app, apiHost: hosts.app },
  { mode: 'same_site', pageHost: hosts.app, apiHost: hosts.api },
  { mode: 'cross_site', pageHost: hosts.other, apiHost: hosts.api },
];

interface World extends AsyncDisposable {
  readonly server: TestServer;
  readonly operation: OperationView;
  /** Origins. */
  readonly page: string;
  readonly api: string;
}

/** A server in a mode, with vera who may approve, and an operation that waits for her. */
async function openWorld({ mode, pageHost, apiHost }: Mode): Promise<World> {
  const port = await freePort();
  const api = `https://${apiHost}:${port}`;
  const site =
    mode === 'same_origin' ? null : await servePage(certificates, api, mode === 'same_site' ? built : readPageFile);
  const page = site === null ? api : `https://${pageHost}:${site.port}`;
  const server = await openSecureServer(certificates, {
    port,
    config: { web: { mode, origins: site === null ? [] : [page] }, sign_in: { public_url: api } },
  });
  const { alice } = await withPeople(server);
  const { link } = await server.admin.client.call('inviteCreate', {
    body: { name: 'vera-approver', grants: everywhere('approver') },
  });
  const body = { invite: link.split('#invite=')[1] ?? '', password };
  await server.admin.client.call('inviteRedeem', { body });
  const operation = await propose(alice.client, writeFiles('prod', { 'config/mode.txt': `${mode}\n` }));
  return {
    server,
    operation,
    page,
    api,
    async [Symbol.asyncDispose]() {
      await server.close();
      await site?.close();
    },
  };
}

/** Sends a change from whatever page stands open, as that page could. */
async function sendFrom(page: Page, address: string, headers: Readonly<Record<string, string>>, body: unknown) {
  const script = `fetch(${JSON.stringify(address)}, {
    method: 'POST', credentials: 'include', headers: ${JSON.stringify(headers)}, body: JSON.stringify(${JSON.stringify(body)}),
  }).then(async (answer) => ({ status: answer.status, code: (await answer.json()).error?.code ?? '' }), () => ({ status: 0, code: 'no answer' }))`;
  return Fetched.parse(await page.evaluate(script));
}

const json = { 'content-type': 'application/json' };

describe.each(modes)('cookie mode $mode', (mode) => {
  it('sign-in, a change with its CSRF token, a foreign page refused, sign-out; nothing that the policy refuses (OA-6, OA-15)', async () => {
    await using world = await openWorld(mode);
    const { server, operation, api } = world;
    const tab = await openTab(browser);
    const { page, context, complaints } = tab;
    try {
      await page.goto(`${world.page}/ops/${operation.op_id}`);
      await drawn(page);
      // The deep link is kept through the sign-in.
      await signIn(page, 'vera-approver', password);
      await page.waitForSelector('#status');
      expect(new URL(page.url()).pathname).toBe(`/ops/${operation.op_id}`);
      const [cookie] = (await context.cookies(api)).filter(({ name }) => name === '__Host-countersign');
      expect(cookie).toMatchObject({ httpOnly: true, secure: true, path: '/', domain: mode.apiHost });
      const wanted = { same_origin: 'Strict', same_site: 'Lax', cross_site: 'None' }[mode.mode];
      expect(cookie?.sameSite).toBe(wanted);
      expect(await page.evaluate('document.cookie')).toBe('');

      // The page's own script, without the token or with a wrong one, changes nothing.
      const reject = `${api}/v1/ops/${operation.op_id}/reject`;
      const reason = { reason: 'from a script' };
      expect(await sendFrom(page, reject, json, reason)).toEqual({ status: 403, code: 'E_AUTH_CSRF' });
      const wrong = { ...json, 'x-csrf-token': 'A'.repeat(43) };
      expect(await sendFrom(page, reject, wrong, reason)).toEqual({ status: 403, code: 'E_AUTH_CSRF' });

      // A foreign page gets no answer to read, and the form that needs none is refused.
      const stranger = await context.newPage();
      await stranger.goto(`https://${hosts.evil}:${foreign.port}/`);
      for (const type of ['application/json', 'text/plain'])
        expect(await sendFrom(stranger, reject, { 'content-type': type }, reason)).toEqual({
          status: 0,
          code: 'no answer',
        });
      const answered = stranger.waitForResponse((response) => response.url() === reject);
      await stranger.evaluate(`{
        const form = document.createElement('form');
        form.method = 'post'; form.action = ${JSON.stringify(reject)}; form.enctype = 'text/plain';
        const field = document.createElement('input'); field.name = '{"reason":"from a form","a":"'; field.value = '"}';
        form.append(field); document.body.append(form); form.submit();
      }`);
      expect([401, 403, 415]).toContain((await answered).status());
      await stranger.close();
      const untouched = await show(server.admin.client, operation.op_id);
      expect([untouched.state, untouched.approvals]).toEqual(['planned', []]);

      // The same change by the page itself, with its token.
      await page.getByLabel('Comment').fill('looks right');
      await page.getByRole('button', { name: 'Approve exactly this' }).click();
      await page.waitForSelector('#status[data-display="ready"]');
      const approved = await show(server.admin.client, operation.op_id);
      expect(approved.approvals).toMatchObject([{ kind: 'approve', comment: 'looks right', state: 'valid' }]);

      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.waitForURL(`${world.page}/sign-in`);
      expect((await context.cookies(api)).filter(({ name }) => name === '__Host-countersign')).toEqual([]);
      const origin = `https://127.0.0.1:${new URL(api).port}`;
      const headers = { origin, cookie: `__Host-countersign=${cookie?.value}` };
      expect((await fetch(`${origin}/v1/whoami`, { headers })).status).toBe(401);
      expect(complaints).toEqual([]);
      expect(await reportsAt(server)).toBe(0);
    } finally {
      await tab.close();
    }
  });
});

/** Chromium with preferences of its own, as a person sets them. */
async function withPreferences(profile: Readonly<Record<string, unknown>>) {
  const home = makeTempFolder();
  mkdirSync(`${home.path}/Default`, { recursive: true });
  writeFileSync(`${home.path}/Default/Preferences`, JSON.stringify({ profile }));
  const args = browserArguments(Object.values(hosts), certificates);
  const context = await chromium.launchPersistentContext(home.path, { executablePath, headless: true, args });
  return {
    context,
    async [Symbol.asyncDispose]() {
      await context.close();
      home.remove();
    },
  };
}

/** Whether a cookie that another site sets is sent back to it from a page. */
async function comesBack(page: Page): Promise<boolean> {
  await page.goto(`https://${hosts.other}:${foreign.port}/`);
  const there = JSON.stringify(`https://${hosts.evil}:${foreign.port}/cookie`);
  const before = foreign.cookies.length;
  for (let asked = 0; asked < 2; asked += 1) {
    await page.evaluate(`fetch(${there}, { mode: 'no-cors', credentials: 'include' }).then(() => null)`);
  }
  const [first, second] = foreign.cookies.slice(before);
  expect(first).toBe('');
  return second === 'plain=1';
}

describe('cookie mode cross_site, with third-party cookies blocked', () => {
  const mode = modes[2];
  if (mode === undefined) throw new Error('there is no such mode');
  let world: World;
  beforeAll(async () => {
    world = await openWorld(mode);
  });
  afterAll(() => world?.[Symbol.asyncDispose]());

  // A private window, as the other tests use, blocks third-party cookies by itself.
  it.each([
    { blocked: false, profile: { cookie_controls_mode: 0, block_third_party_cookies: false } },
    { blocked: true, profile: { cookie_controls_mode: 1, block_third_party_cookies: true } },
  ])(
    "by Chromium's own switch: $blocked; a partitioned cookie comes along, so the sign-in works",
    async ({ blocked, profile }) => {
      await using chrome = await withPreferences(profile);
      const { page, complaints } = await tabOf(chrome.context);
      // What the switch does to a cookie of the ordinary kind.
      expect(await comesBack(page)).toBe(!blocked);
      await page.goto(`${world.page}/`);
      await drawn(page);
      await signIn(page, 'vera-approver', password);
      await page.getByRole('heading', { name: 'What waits for you' }).waitFor();
      expect(complaints).toEqual([]);
    },
  );

  it('where the cookie is kept back the page says so, and how to go on', async () => {
    const exceptions = { cookies: { [`https://[*.]example.test,*`]: { setting: 2 } } };
    await using chrome = await withPreferences({ content_settings: { exceptions } });
    const { page, complaints } = await tabOf(chrome.context);
    await page.goto(`${world.page}/`);
    await drawn(page);
    await signIn(page, 'vera-approver', password);
    await page.waitForSelector('#cookie-blocked');
    expect(await page.evaluate('document.activeElement.id')).toBe('cookie-blocked');
    const text = await page.innerText('main');
    expect(text).toContain('keeps the sign-in back');
    expect(text).toContain('Allow third-party cookies');
    // What came back from a provider is looked at the same way.
    await page.goto(`${world.page}/#signed-in`);
    await page.reload();
    await page.waitForSelector('#cookie-blocked');
    expect(complaints).toEqual([]);
  });
});
