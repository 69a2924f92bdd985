import { freePort, makeTempFolder, type TempFolder } from '@countersign/testing';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { auditEntries } from './harness/audit.ts';
import { type Certificates, makeCertificates } from './harness/certificates.ts';
import { openBrowser } from './harness/chromium.ts';
import { propose, show, writeFiles } from './harness/flow.ts';
import { type Issuer, startIssuer } from './harness/oidc-issuer.ts';
import type { TestServer } from './harness/open-server.ts';
import { drawn, hosts, openSecureServer, openTab, reportsAt } from './harness/page-stage.ts';
import { refusal } from './harness/refused.ts';
import { everywhere } from './harness/sign-in.ts';

let folder: TempFolder;
let certificates: Certificates;
let browser: Browser;
let issuer: Issuer;
let server: TestServer;
let origin = '';
beforeAll(async () => {
  folder = makeTempFolder();
  certificates = makeCertificates(folder.path, Object.values(hosts));
  browser = await openBrowser(Object.values(hosts), certificates);
  const port = await freePort();
  origin = `https://${hosts.app}:${port}`;
  issuer = await startIssuer([`${origin}/v1/auth/providers/corp/callback`]);
  const corp = {
    name: 'corp',
    label: 'Corporate',
    issuer: issuer.url,
    client_id: issuer.clientId,
    client_secret_env: 'CORP_SECRET',
    groups: [{ group: 'operators', grants: everywhere('approver') }],
  };
  server = await openSecureServer(certificates, {
    port,
    env: { CORP_SECRET: issuer.clientSecret },
    config: { sign_in: { public_url: origin, oidc: [corp] }, outbound: { allow: [new URL(issuer.url).host] } },
  });
});
afterAll(async () => {
  await browser?.close();
  await server?.close();
  await issuer?.[Symbol.asyncDispose]();
  folder?.remove();
});

it('somebody signs in by the button of a provider, is led back to what they opened, and rejects it in the browser (OA-6, OA-14, OR-10)', async () => {
  const { page, context, complaints, close } = await openTab(browser);
  try {
    const alice = await server.bearer({ name: 'alice', kind: 'person', role: 'actions' });
    const operation = await propose(alice.client, writeFiles('prod', { 'unwanted.txt': 'no\n' }));
    const there = `${origin}/ops/${operation.op_id}`;
    await page.goto(there);
    await drawn(page);
    const button = page.getByRole('button', { name: 'Sign in with Corporate' });

    // Nobody whose groups are not mapped comes in, and the page says so.
    issuer.account = { sub: 'subject-1', preferred_username: 'zoe', groups: ['guests'] };
    await button.click();
    await page.getByText('the provider did not sign you in').waitFor();
    expect(new URL(page.url()).origin).toBe(origin);
    expect((await context.cookies(origin)).filter(({ name }) => name === '__Host-countersign')).toEqual([]);
    const refused = await auditEntries(server, { event: 'auth.provider_refused' });
    expect(refused.map(({ detail }) => detail['why'])).toEqual(['none of their groups is mapped']);

    issuer.account = { ...issuer.account, groups: ['guests', 'operators'] };
    await page.goto(there);
    await drawn(page);
    await button.click();
    await page.waitForSelector('#status[data-display="waiting_approval"]');
    expect(page.url()).toBe(there);
    expect(await page.innerText('nav')).toContain('zoe');
    const [cookie] = (await context.cookies(origin)).filter(({ name }) => name === '__Host-countersign');
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'Strict' });

    // A rejection wants its reason.
    await page.getByText('Reject it').click();
    await page.getByRole('button', { name: 'Reject', exact: true }).click();
    expect(await page.evaluate(`document.activeElement.name`)).toBe('reason');
    expect((await show(alice.client, operation.op_id)).state).toBe('planned');
    await page.getByLabel('Why it must not be done').fill('not before the weekend');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#status[data-display="rejected"]');
    expect(await page.evaluate(`document.activeElement.id`)).toBe('status');
    expect(await page.getByRole('button', { name: /Approve|Reject|Start/ }).count()).toBe(0);

    expect(await show(alice.client, operation.op_id)).toMatchObject({ closed_reason: 'rejected', run: null });
    const [told] = await auditEntries(server, { subject: operation.op_id, event: 'approval.rejected' });
    expect(told).toMatchObject({
      actor: { principal: 'zoe', ai: false },
      detail: { comment: 'not before the weekend' },
    });
    const body = { op_id: operation.op_id, digest: operation.plan?.digest ?? '' };
    expect((await refusal(alice.client.call('opsExecute', { body }))).code).toBe('E_STATE');
    expect(complaints).toEqual([]);
    expect(await reportsAt(server)).toBe(0);
  } finally {
    await close();
  }
}, 180_000);
