import { createHmac } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { EvidenceView } from '@countersign/protocol';
import { freePort, makeTempFolder, type TempFolder, waitUntil } from '@countersign/testing';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { type Certificates, makeCertificates } from './harness/certificates.ts';
import { openBrowser } from './harness/chromium.ts';
import { propose, show, writeFiles } from './harness/flow.ts';
import type { TestServer } from './harness/open-server.ts';
import {
  drawn,
  expectNoSidewaysScroll,
  hosts,
  openSecureServer,
  openTab,
  picture,
  reportsAt,
  signIn,
  type Tab,
} from './harness/page-stage.ts';
import { everywhere } from './harness/sign-in.ts';

const AxeResult = z.object({
  passes: z.array(z.object({ id: z.string() })),
  violations: z.array(
    z.object({ id: z.string(), nodes: z.array(z.object({ html: z.string(), failureSummary: z.string().optional() })) }),
  ),
});
const phone = { width: 360, height: 740 };
/** Bidirectional override, zero-width space and a newline's stranger cousin: what a reviewer must not miss. */
const deceiving = 'safe: true\u202e\u200b\nlines: \u2028two\n';
const passwords = { alice: 'the first long sentence', bob: 'quite another sentence', carla: 'a third sentence, long' };

let folder: TempFolder;
let certificates: Certificates;
let browser: Browser;
let server: TestServer;
let origin = '';
beforeAll(async () => {
  folder = makeTempFolder();
  certificates = makeCertificates(folder.path, Object.values(hosts));
  browser = await openBrowser(Object.values(hosts), certificates);
  const port = await freePort();
  origin = `https://${hosts.app}:${port}`;
  server = await openSecureServer(certificates, {
    port,
    config: { sign_in: { public_url: origin } },
    policies: { 'confirm-prod.cedar': confirmProd, 'step-up.cedar': stepUpProd },
  });
  const { link } = await server.admin.client.call('inviteCreate', {
    body: { name: 'carla', grants: everywhere('actions') },
  });
  await server.admin.client.call('inviteRedeem', {
    body: { invite: link.split('#invite=')[1] ?? '', password: passwords.carla },
  });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  folder?.remove();
});

const confirmProd = `@id("prod-confirm")
@reason("Whoever asks for a change in prod confirms it.")
@obligation("confirm")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" }
unless { context.confirmed };
`;
const stepUpProd = `@id("prod-step-up")
@reason("Whoever decides about prod has just proven who they are.")
@obligation("step_up")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" }
unless { context.step_up };
`;

/** RFC 6238 with SHA-1, six digits, 30 seconds. */
function totpCode(secret: string, at = Date.now()): string {
  const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
  const bits = [...secret.replaceAll(' ', '')]
    .map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac('sha1', key).update(counter).digest();
  const offset = (mac.at(-1) ?? 0) & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

/** No violation of WCAG 2.2 A and AA that axe knows of, in the state in which the page stands. */
async function expectAccessible(page: Page, what: string): Promise<void> {
  await page.evaluate(axe.source);
  const tags = JSON.stringify(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']);
  const { violations, passes } = AxeResult.parse(await page.evaluate(`axe.run(document, { runOnly: ${tags} })`));
  expect(violations, what).toEqual([]);
  expect(passes.map(({ id }) => id)).toEqual(expect.arrayContaining(['color-contrast', 'region']));
}

/** Where Tab leads from the top of the page, by what a screen reader would say. */
async function tabStops(page: Page, most: number): Promise<string[]> {
  const stops: string[] = [];
  await page.evaluate('document.activeElement.blur()');
  for (let stop = 0; stop < most; stop += 1) {
    await page.keyboard.press('Tab');
    const name = `document.activeElement.labels?.[0]?.textContent ?? document.activeElement.textContent`;
    stops.push(String(await page.evaluate(name)).trim());
  }
  return stops;
}

async function invited(name: 'alice' | 'bob', role: 'actions' | 'approver'): Promise<string> {
  const { link } = await server.admin.client.call('inviteCreate', { body: { name, grants: everywhere(role) } });
  expect(link.startsWith(`${origin}/sign-in#invite=csi_`)).toBe(true);
  return link;
}

async function enterBy(tab: Tab, link: string, password: string): Promise<void> {
  await tab.page.goto(link);
  await drawn(tab.page);
  await tab.page.getByLabel('Choose a password').fill(password);
  await tab.page.keyboard.press('Enter');
  await tab.page.getByRole('heading', { name: 'What waits for you' }).waitFor();
  expect(tab.page.url()).toBe(`${origin}/`);
}

async function proveByPassword(page: Page, password: string): Promise<void> {
  const proof = page.getByRole('dialog', { name: 'Prove that it is you' });
  await proof.getByLabel('Your password').fill(password);
  await page.keyboard.press('Enter');
  await proof.waitFor({ state: 'hidden' });
}

it('invite, sign-in, review, confirm, approve by a passkey, run and evidence, in the browser (OA-6, OA-14, DO-11)', async () => {
  const [alice, bob] = await Promise.all([
    openTab(browser, { acceptDownloads: true }),
    openTab(browser, { acceptDownloads: true }),
  ]);
  try {
    const link = await invited('alice', 'actions');
    await alice.page.goto(link);
    await drawn(alice.page);
    await expectAccessible(alice.page, 'the invite');
    await picture(alice.page, 'invite');
    await enterBy(alice, link, passwords.alice);

    // The link is good once.
    await alice.page.goto(link);
    await drawn(alice.page);
    expect(await alice.page.innerText('.problem')).toContain('E_INVITE_INVALID');

    // bob gets a passkey from an authenticator that Chromium plays.
    await enterBy(bob, await invited('bob', 'approver'), passwords.bob);
    const cdp = await bob.context.newCDPSession(bob.page);
    await cdp.send('WebAuthn.enable');
    await cdp.send('WebAuthn.addVirtualAuthenticator', {
      options: {
        protocol: 'ctap2',
        transport: 'internal',
        hasResidentKey: true,
        hasUserVerification: true,
        isUserVerified: true,
        automaticPresenceSimulation: true,
      },
    });
    await bob.page.goto(`${origin}/account`);
    await drawn(bob.page);
    await bob.page.getByLabel('What to call it').fill('laptop');
    await bob.page.getByRole('button', { name: 'Add a passkey' }).click();
    // A change to how somebody signs in wants a fresh proof.
    await proveByPassword(bob.page, passwords.bob);
    await bob.page.getByText('laptop').waitFor();
    await expectAccessible(bob.page, 'the account');
    await picture(bob.page, 'account');

    // alice proposes by a token of hers; she confirms in the browser.
    const token = await server.bearer({ name: 'alice', kind: 'person', role: 'actions' });
    const operation = await propose(token.client, writeFiles('prod', { 'config/app.yaml': deceiving }));
    await alice.page.goto(`${origin}/ops/${operation.op_id}`);
    await alice.page.waitForSelector('#status[data-display="waiting_confirmation"]');
    const marks = await alice.page.locator('pre.diff mark').allInnerTexts();
    expect(marks).toEqual(['\\u{202E}', '\\u{200B}', '\\u{2028}']);
    expect(await alice.page.innerText('main')).not.toMatch(/[\u202e\u200b\u2028]/);
    await alice.page.getByRole('button', { name: 'Confirm…' }).click();
    // The policy wants a fresh proof of whoever decides.
    const proof = alice.page.getByRole('dialog', { name: 'Prove that it is you' });
    await proof.getByLabel('Your password').fill('not the right one at all');
    await proof.getByRole('button', { name: 'Check the password' }).click();
    await proof.getByRole('alert').waitFor();
    await expectAccessible(alice.page, 'the step-up');
    await picture(alice.page, 'step-up');
    await proof.getByLabel('Your password').fill(passwords.alice);
    await alice.page.keyboard.press('Enter');
    const asked = alice.page.getByRole('dialog', { name: 'Confirm exactly this' });
    await asked.waitFor();
    const text = await asked.innerText();
    expect(text).toContain(operation.plan?.digest ?? 'no digest');
    expect(text).toContain('shop-prod in shop / prod, tier prod');
    expect(text).toContain('config/app.yaml');
    await expectAccessible(alice.page, 'the confirmation');
    await picture(alice.page, 'confirm');
    await asked.getByRole('button', { name: 'Confirm', exact: true }).click();
    await alice.page.waitForSelector('#status[data-display="waiting_approval"]');

    // bob signs in with his passkey alone.
    await bob.page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await bob.page.getByRole('button', { name: 'Use a passkey' }).click();
    await bob.page.getByRole('heading', { name: 'What waits for you' }).waitFor();
    expect(await bob.page.innerText('nav')).toContain('bob');
    // By password he is in as well, without a fresh proof.
    await bob.page.getByRole('button', { name: 'Sign out', exact: true }).click();
    await bob.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await signIn(bob.page, 'bob', passwords.bob);

    // It waits for bob, who reviews it by the deep link and approves with his passkey.
    await bob.page.getByText('Review and decide').waitFor();
    await expectAccessible(bob.page, 'what waits');
    await picture(bob.page, 'waiting');
    await bob.page
      .getByRole('link', { name: /write_files/ })
      .first()
      .click();
    await bob.page.waitForSelector('#status');
    const shown = await bob.page.innerText('main');
    for (const said of ['shop-prod', 'tier prod', 'One other person must approve it.', 'confirm'])
      expect(shown).toContain(said);
    await expectAccessible(bob.page, 'the review');
    await picture(bob.page, 'review');
    await bob.page.getByLabel('Comment').fill('seen, including what cannot be seen');
    await bob.page.getByRole('button', { name: 'Approve exactly this' }).click();
    const step = bob.page.getByRole('dialog', { name: 'Prove that it is you' });
    await step.getByRole('button', { name: 'Use a passkey' }).click();
    await bob.page.waitForSelector('#status[data-display="ready"]');

    // alice's page learns it by itself; she starts it and follows it to its end.
    await alice.page.getByRole('button', { name: 'Start it' }).click();
    await alice.page.waitForSelector('#status[data-display="succeeded"][data-evidence="anchored"]', {
      timeout: 60_000,
    });
    await bob.page.waitForSelector('#status[data-display="succeeded"]');
    const [download] = await Promise.all([
      alice.page.waitForEvent('download'),
      alice.page.getByRole('button', { name: 'Get the evidence' }).click(),
    ]);
    expect(download.suggestedFilename()).toBe(`evidence-${operation.bundle_id}.json`);
    const file = join(folder.path, 'evidence.json');
    await download.saveAs(file);
    expect(statSync(file).size).toBeGreaterThan(1000);
    const view = EvidenceView.parse(JSON.parse(readFileSync(file, 'utf8')));
    expect([view.op_id, view.state]).toEqual([operation.op_id, 'anchored']);
    await expectAccessible(alice.page, 'the end');
    await picture(alice.page, 'end');
    const written = await server.repos.prod.git('show', 'main:config/app.yaml');
    expect(`${written}\n`).toBe(deceiving);
    const ended = await show(server.admin.client, operation.op_id);
    expect(ended.run?.state).toBe('succeeded');
    expect(ended.approvals).toMatchObject([
      { kind: 'confirm', principal: 'alice', stepped_up: true, state: 'consumed' },
      { kind: 'approve', principal: 'bob', stepped_up: true, state: 'consumed' },
    ]);
    expect([...alice.complaints, ...bob.complaints]).toEqual([]);
    expect(await reportsAt(server)).toBe(0);
  } finally {
    await Promise.all([alice.close(), bob.close()]);
  }
}, 180_000);

it('signing in by passkey and by TOTP, sessions listed and ended, with the keyboard and on a phone (OA-6)', async () => {
  const { page, context, complaints, close } = await openTab(browser, { viewport: phone, colorScheme: 'dark' });
  try {
    const token = await server.bearer({ name: 'carla', kind: 'person', role: 'actions' });
    await propose(token.client, writeFiles('prod', { [`${'a-long-name-'.repeat(6)}.txt`]: `${'x'.repeat(300)}\n` }));
    await page.goto(`${origin}/`);
    await drawn(page);
    const stops = await tabStops(page, 5);
    expect(stops).toEqual(['Skip to the content', 'Countersign', 'Name', 'Password', 'Sign in']);
    await expectAccessible(page, 'the sign-in');
    await expectNoSidewaysScroll(page);
    await picture(page, 'sign-in');

    // A wrong password is told, where focus goes as well.
    await signIn(page, 'carla', 'this is not it, sorry');
    await page.getByRole('alert').waitFor();
    expect(await page.evaluate('document.activeElement.className')).toBe('problem');

    await page.getByLabel('Name').focus();
    await page.getByLabel('Name').fill('');
    await page.keyboard.type('carla');
    await page.keyboard.press('Tab');
    await page.keyboard.type(passwords.carla);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'What waits for you' }).waitFor();
    await expectNoSidewaysScroll(page);
    await picture(page, 'phone-waiting');

    await page
      .getByRole('link', { name: /write_files/ })
      .first()
      .click();
    await page.waitForSelector('#status');
    await expectNoSidewaysScroll(page);
    await expectAccessible(page, 'an operation on a phone');
    await picture(page, 'phone-operation');

    await page.goto(`${origin}/account`);
    await drawn(page);
    await page.getByRole('button', { name: 'Set up an authenticator' }).click();
    const secret = await page.innerText('#totp-secret');
    await expectNoSidewaysScroll(page);
    await picture(page, 'phone-account');
    await page.getByLabel('The code it shows now').fill(totpCode(secret));
    await page.getByRole('button', { name: 'Confirm the authenticator' }).click();
    await page.getByText('asks for its code').waitFor();

    // Another browser of hers: the password alone does not do any more.
    const other = await openTab(browser);
    await other.page.goto(`${origin}/account`);
    await drawn(other.page);
    await signIn(other.page, 'carla', passwords.carla);
    const code = other.page.getByLabel('Code of your authenticator');
    await code.waitFor();
    // A code is good once: the next one is for the next half minute.
    await code.fill(totpCode(secret, Date.now() + 30_000));
    await other.page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await other.page.getByRole('heading', { name: 'Your account' }).waitFor();

    // It is seen here, and ended from here.
    await page.reload();
    await drawn(page);
    const sessions = page.locator('section', { has: page.getByRole('heading', { name: 'Your sessions' }) });
    const before = await sessions.locator('li').count();
    expect(before).toBeGreaterThan(1);
    while ((await sessions.getByRole('button', { name: 'End it' }).count()) > 0) {
      const left = await sessions.locator('li').count();
      await sessions.getByRole('button', { name: 'End it' }).first().click();
      await waitUntil('a session less', async () => (await sessions.locator('li').count()) < left);
    }
    await other.page.reload();
    await other.page.getByRole('heading', { name: 'Sign in' }).waitFor();
    await other.close();
    await page.getByRole('button', { name: 'Sign out everywhere' }).click();
    await page.getByRole('heading', { name: 'Sign in' }).waitFor();

    // bob's passkey signs in by itself in the browser that has it; here there is none, and the page says so.
    await page.getByRole('button', { name: 'Use a passkey' }).waitFor();
    expect((await context.cookies(origin)).filter(({ name }) => name === '__Host-countersign')).toEqual([]);
    expect(complaints).toEqual([]);
    expect(await reportsAt(server)).toBe(0);
  } finally {
    await close();
  }
}, 180_000);

it('a refusal of the content policy is reported and counted, so that none means none', async () => {
  const { page, complaints, close } = await openTab(browser);
  try {
    await page.goto(`${origin}/`);
    await drawn(page);
    const before = await reportsAt(server);
    await page
      .evaluate(
        `document.head.append(Object.assign(document.createElement('script'), { textContent: 'window.ran = true' }))`,
      )
      .catch(() => null);
    await page.evaluate(
      `document.body.append(Object.assign(document.createElement('img'), { src: 'https://${hosts.evil}/x.png' }))`,
    );
    await waitUntil('a report', async () => (await reportsAt(server)) > before);
    expect(await page.evaluate('window.ran ?? null')).toBe(null);
    expect(complaints.join('\n')).toContain('policy refused img-src');
  } finally {
    await close();
  }
});
