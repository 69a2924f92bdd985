import { type Browser, chromium } from 'playwright-core';
import type { Certificates } from './certificates.ts';

export const executablePath = process.env['COUNTERSIGN_TEST_CHROMIUM'] ?? '/usr/bin/chromium';

/** Chromium's arguments for names that lead to this machine, with certificates of a test authority. */
export function browserArguments(names: readonly string[], { authorityKeyHash }: Certificates): string[] {
  return [
    '--no-sandbox',
    '--disable-gpu',
    '--disable-quic',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    `--host-resolver-rules=${names.map((name) => `MAP ${name} 127.0.0.1`).join(',')}`,
    `--ignore-certificate-errors-spki-list=${authorityKeyHash}`,
  ];
}

/** Starts Chromium. */
export function openBrowser(names: readonly string[], certificates: Certificates): Promise<Browser> {
  return chromium.launch({ executablePath, headless: true, args: browserArguments(names, certificates) });
}
