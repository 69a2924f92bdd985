import { get } from 'node:http';
import { guardedFetch, type OutboundFetch } from '@countersign/outbound';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { seeded } from '../../digest-mutants/random.ts';
import { type InnerServices, startInnerServices } from './inner-services.ts';
import { type NameServer, startNameServer } from './name-server.ts';
import { type Form, someForm } from './spellings.ts';

/** Forms that are tried; 10,000 on demand. */
const count = Number(process.env['COUNTERSIGN_SSRF_FORMS'] ?? 600);
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? 20_261_128);
const atOnce = 20;

let inner: InnerServices;
let names: NameServer;
beforeAll(async () => {
  inner = await startInnerServices();
  names = await startNameServer();
});
afterAll(() => {
  inner.close();
  names.close();
});

function forms(): Form[] {
  const random = seeded(seed);
  return Array.from({ length: count }, () => someForm(inner, random));
}

/** Tells the resolver what the names of a form are, then tries it; answers what came back, or the code of the refusal. */
async function attempt(fetch: OutboundFetch, form: Form): Promise<string> {
  const to = URL.canParse(form.url) ? (new URL(form.url).searchParams.get('to') ?? form.url) : form.url;
  if (form.answers.length > 0) names.say(new URL(to).hostname, form.answers);
  try {
    return await (await fetch(form.url)).text();
  } catch (error) {
    return error instanceof Error && 'code' in error ? String(error.code) : String(error);
  }
}

async function tally(list: readonly Form[], attemptOne: (form: Form) => Promise<string>): Promise<Map<string, number>> {
  const outcomes = new Map<string, number>();
  for (let start = 0; start < list.length; start += atOnce) {
    for (const outcome of await Promise.all(list.slice(start, start + atOnce).map(attemptOne)))
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  }
  return outcomes;
}

const told = (outcomes: ReadonlyMap<string, number>): string =>
  [...outcomes].map(([outcome, times]) => `${outcome} ${times}`).join(', ');

it(`of ${count} ways to ask for loopback none reaches it, and each is refused or answered by what may be called`, async () => {
  const list = forms();
  const allow = [`127.0.0.2:${inner.front}`];
  const resolve = async (host: string) => (host.endsWith('.test') ? names.resolve(host) : ['127.0.0.1', '::1']);
  const guarded = guardedFetch({ allow, resolve, timeoutMs: 5000 });
  const before = inner.reached();
  // As they are, and as the standard reads them: what the parser lets through must fall to the check of the address.
  const read = list.flatMap((form) => (URL.canParse(form.url) ? [{ ...form, url: new URL(form.url).href }] : []));
  const outcomes = await tally([...list, ...read], (form) => attempt(guarded, form));
  const kinds = new Set(list.map(({ kind }) => kind));
  console.log(
    `guard on: ${list.length} forms, ${read.length} of them once more as the standard reads them, of ${kinds.size} kinds, ${inner.reached() - before} connections, seed ${seed}: ${told(outcomes)}`,
  );
  expect(inner.reached() - before).toBe(0);
  expect([...outcomes.keys()].sort()).toEqual(['E_OUTBOUND_REFUSED', 'front']);
  expect(kinds.size).toBeGreaterThan(30);
  expect(inner.fronted(), 'redirects and rebinding got as far as they should').toBeGreaterThan(count / 10);
}, 600_000);

it('the same forms reach it where nothing guards: by fetch, by a guard that allows everything, and past a check that asks twice', async () => {
  const reachedBy = new Map<string, number>();
  const note = async (form: Form, work: Promise<string>): Promise<string> => {
    const outcome = await work;
    if (outcome === 'inner') reachedBy.set(form.kind, (reachedBy.get(form.kind) ?? 0) + 1);
    return outcome;
  };
  const list = forms();
  // Not routed anywhere on this machine, or read as another host by who follows the standard.
  const nowhere = /NAT64|6to4|Teredo|ISATAP|compatible|translated|^backslash$|user info/;
  const literals = list.filter(({ kind, answers }) => answers.length === 0 && !nowhere.test(kind)).slice(0, 250);
  const plain: OutboundFetch = (url) => fetch(url, { signal: AbortSignal.timeout(1000) });
  await tally(literals, (form) => note(form, attempt(plain, form)));

  const open = guardedFetch({ allow: ['0.0.0.0/0', '::/0'], resolve: names.resolve, timeoutMs: 2000 });
  const namesOfLoopback = list.filter(({ kind }) => kind === 'a name of loopback').slice(0, 60);
  await tally(namesOfLoopback, (form) => note(form, attempt(open, form)));

  // What a check is worth that looks the name up once and lets the connection look it up again.
  const asksTwice: OutboundFetch = async (url) => {
    const { hostname, port } = new URL(url);
    if ((await names.resolve(hostname)).includes('127.0.0.1')) throw new Error('refused');
    const [address = ''] = await names.resolve(hostname);
    const text = await new Promise<string>((resolve, reject) => {
      get({ host: address, port, headers: { host: hostname } }, (message) => message.once('data', resolve)).on(
        'error',
        reject,
      );
    });
    return new Response(String(text));
  };
  const rebinding = list.filter(({ kind }) => kind === 'rebinding').slice(0, 30);
  const twice = await tally(rebinding, (form) => note(form, attempt(asksTwice, form)));
  expect(twice).toEqual(new Map([['inner', rebinding.length]]));

  const told = [...reachedBy].map(([kind, times]) => `${kind} ${times}`);
  console.log(`guard off: ${told.join(', ')}`);
  const reached = [...reachedBy.keys()];
  for (const kind of [
    'IPv4 spelling',
    'loopback6',
    'mapped, dotted',
    'a name of the machine',
    'a name of loopback',
    'rebinding',
  ])
    expect(reached).toContain(kind);
  for (const kind of ['backslashes for slashes', 'full-width', 'percent signs', 'redirect 302', 'redirect 307'])
    expect(reached).toContain(kind);
}, 120_000);
