import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { canonicalJson } from '@countersign/evidence';
import { createSigner, generateSigningKey } from '@countersign/evidence/node';
import { VerifyReport } from '@countersign/protocol';
import { makeTempFolder } from '@countersign/testing';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { runConsole } from '../../apps/cli/src/fake-console/fake-console.ts';
import { makeVerifierPage } from '../../scripts/build/verifier-page.ts';
import { withPeople } from './harness/describe-server.ts';
import { openServer } from './harness/open-server.ts';
import { Random } from './tamper/random.ts';
import { realBundles } from './tamper/real-bundles.ts';
import { bundleTampers, type Files, tamperBundle } from './tamper/tamper-bundle.ts';

const samples = Number(process.env['COUNTERSIGN_SAMPLES'] ?? 200);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 2 ** 31);
const executablePath = process.env['COUNTERSIGN_TEST_CHROMIUM'] ?? '/usr/bin/chromium';
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
/** What both verifiers must say alike: the verdict, and each finding's id, state and file in order. */
const Shown = z.object({ state: z.string(), findings: z.array(z.string()) });

let browser: Browser;
beforeAll(async () => {
  browser = await chromium.launch({ executablePath, headless: true, args });
});
afterAll(() => browser?.close());

function writeFolder(folder: string, files: Files): void {
  for (const [path, bytes] of files) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), bytes);
  }
}

const line = (id: string, state: string, file: string | null): string => `${state} ${id} ${file ?? ''}`;

async function byPage(page: Page, folder: string): Promise<z.infer<typeof Shown>> {
  await page.evaluate(`document.getElementById('result').replaceChildren()`);
  await page.setInputFiles('#folder', folder);
  await page.waitForSelector('#verdict');
  const shown: unknown = await page.evaluate(`({
    state: document.getElementById('verdict').dataset.state,
    findings: [...document.querySelectorAll('[data-finding]')]
      .map((row) => row.dataset.state + ' ' + row.dataset.finding + ' ' + row.dataset.file),
  })`);
  return Shown.parse(shown);
}

async function byCommand(folder: string, trust: string, cwd: string): Promise<z.infer<typeof Shown>> {
  const { stdout, code, stderr } = await runConsole(['verify', folder, '--trust', trust, '--json'], { cwd });
  const parsed = VerifyReport.safeParse(
    z.object({ state: z.unknown(), findings: z.unknown() }).parse(JSON.parse(stdout)),
  );
  if (!parsed.success) throw new Error(`${code}: ${stderr}`);
  const { state, findings } = parsed.data;
  return { state, findings: findings.map(({ id, state: found, file }) => line(id, found, file)) };
}

const sorted = ({ state, findings }: z.infer<typeof Shown>) => ({ state, findings: [...findings].sort() });

it(`the page and the command line agree on ${samples} samples, about half of them tampered with (CP-14)`, async () => {
  using folder = makeTempFolder();
  const stage = await withPeople(await openServer('sqlite'));
  try {
    const { bundles } = await realBundles(stage, 9);
    const trust = await stage.alice.client.call('trust');
    const trustFile = join(folder.path, 'trust.json');
    writeFileSync(trustFile, canonicalJson(trust));
    const html = join(folder.path, 'verify.html');
    writeFileSync(html, await makeVerifierPage(join(import.meta.dirname, '../../apps/verifier')));
    const page = await browser.newPage();
    const said: string[] = [];
    const requests: string[] = [];
    page.on('console', (message) => said.push(message.text()));
    page.on('pageerror', (error) => said.push(error.message));
    page.on('request', (request) => requests.push(request.url()));
    await page.goto(pathToFileURL(html).href);
    await page.setInputFiles('#trust', trustFile);
    await page.waitForFunction(`document.getElementById('trust-state').textContent.startsWith('Installation')`);

    const random = new Random(seed);
    const foreign = createSigner(generateSigningKey(), trust.origin ?? '');
    const kinds = Object.keys(bundleTampers);
    const verdicts = new Map<string, number>();
    for (let index = 0; index < samples; index += 1) {
      const own = random.below(bundles.length);
      const bundle = bundles[own] ?? new Map();
      const others = bundles.filter((_, at) => at !== own);
      const kind = index % 2 === 0 ? null : (kinds[(index >> 1) % kinds.length] ?? '');
      const files = kind === null ? bundle : tamperBundle(kind, { random, bundle, others, foreign });
      const place = join(folder.path, `sample-${index}`);
      writeFolder(place, files);
      const [shown, told] = [await byPage(page, place), await byCommand(place, trustFile, folder.path)];
      expect({ sample: index, kind, ...sorted(shown) }).toEqual({ sample: index, kind, ...sorted(told) });
      expect(shown.state === 'pass').toBe(kind === null);
      expect(shown.findings.length).toBeGreaterThan(0);
      verdicts.set(shown.state, (verdicts.get(shown.state) ?? 0) + 1);
    }
    console.log(
      `seed ${seed}: ${samples} samples, equal verdicts and findings in ${browser.version()}:`,
      Object.fromEntries(verdicts),
    );
    // Nothing was asked of anybody, and the policy of the page had nothing to refuse.
    expect(requests.filter((url) => !url.startsWith('file:'))).toEqual([]);
    expect(said).toEqual([]);
    await page.close();
  } finally {
    await stage.close();
  }
}, 600_000);

it('the page is shown and used with the keyboard, shows text of a bundle as text, and is served by GET /verify', async () => {
  using folder = makeTempFolder();
  const stage = await withPeople(await openServer('sqlite'));
  try {
    const { ids } = await realBundles(stage, 1);
    const view = await stage.alice.client.call('evidence', { params: { bundle_id: ids[0] ?? '' } });
    const single = join(folder.path, 'bundle.json');
    writeFileSync(single, JSON.stringify(view));
    const html = join(folder.path, 'verify.html');
    writeFileSync(html, await makeVerifierPage(join(import.meta.dirname, '../../apps/verifier')));
    const page = await browser.newPage();
    await page.goto(pathToFileURL(html).href);
    await page.setInputFiles('#single', single);
    await page.waitForSelector('#verdict[data-state="pass"]');
    expect(await page.evaluate(`document.activeElement.id`)).toBe('verdict');
    const text = await page.innerText('#result');
    expect(text).toContain('Verified');
    expect(text).toContain('came along with the bundle');
    expect(text).toContain('repo.write_files');
    expect(text).not.toContain('\u202e');
    // Every input has a name, every table says what its columns are.
    const unnamed = `[...document.querySelectorAll('input')].filter((input) => input.labels.length === 0).length`;
    expect(await page.evaluate(unnamed)).toBe(0);
    expect(await page.evaluate(`document.querySelectorAll('thead th:not([scope])').length`)).toBe(0);
    await page.close();
    const answer = await fetch(`${stage.url}/verify`);
    expect([200, 404]).toContain(answer.status);
    if (answer.status === 200) expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
  } finally {
    await stage.close();
  }
}, 240_000);
