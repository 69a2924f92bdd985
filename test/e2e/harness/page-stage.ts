import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Certificates } from './certificates.ts';
import { type OpenOptions, openServer, type TestServer } from './open-server.ts';

export const hosts = { app: 'app.example.test', api: 'api.example.test', other: 'pages.other.test', evil: 'evil.test' };

/** What the page shows once it has drawn itself. */
export async function drawn(page: Page): Promise<void> {
  await page.waitForSelector('main:not([aria-busy]) h1, main:not([aria-busy]) h2');
}

/** A tab whose complaints are kept: errors on its console, and what its content policy refused. */
export interface Tab {
  readonly page: Page;
  readonly context: BrowserContext;
  readonly complaints: string[];
  close(): Promise<void>;
}

const tellsOfPolicy = `addEventListener('securitypolicyviolation', (event) => console.error('policy refused ' + event.effectiveDirective + ' ' + event.blockedURI));`;

/** Opens a tab with cookies of its own. */
export async function openTab(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<Tab> {
  const context = await browser.newContext(options);
  return await tabOf(context);
}

/** A tab in a context that there is. */
export async function tabOf(context: BrowserContext): Promise<Tab> {
  const complaints: string[] = [];
  await context.addInitScript(tellsOfPolicy);
  const page = await context.newPage();
  page.on('console', (message) => {
    // A refusal that the server gives on purpose is told by Chromium as a failed resource.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, context, complaints, close: () => context.close() };
}

/** A server that speaks HTTPS with the test's certificate, which clients of this process then trust. */
export async function openSecureServer(certificates: Certificates, options: OpenOptions): Promise<TestServer> {
  setDefaultCACertificates([...getCACertificates('default'), certificates.ca]);
  return await openServer('sqlite', {
    ...options,
    config: { ...options.config, tls: { cert: certificates.certFile, key: certificates.keyFile } },
  });
}

/** How many reports of refused content the server has taken. */
export async function reportsAt(server: TestServer): Promise<number> {
  const text = await server.admin.client.call('metrics');
  const counted = /countersign_http_requests_total\{route="pageReport"[^}]*\} (\d+)/.exec(text)?.[1] ?? '0';
  return Number(counted);
}

/** Fills in the sign-in form. */
export async function signIn(page: Page, name: string, password: string): Promise<void> {
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Keeps a picture where COUNTERSIGN_PICTURES names a folder. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env['COUNTERSIGN_PICTURES'];
  if (folder === undefined) return;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${name}.png`), await page.screenshot({ fullPage: true }));
}

/** Nothing stands wider than the window. */
export async function expectNoSidewaysScroll(page: Page): Promise<void> {
  expect(await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth')).toBe(0);
}
