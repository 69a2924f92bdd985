import { expect, it } from 'vitest';
import { z } from 'zod';
import { flagNames } from '../flag/flag.ts';
import { lanes, limitClasses, type RouteDefinition } from './route.ts';
import { routes } from './routes.ts';

const table: [string, RouteDefinition][] = Object.entries(routes);
/** Nouns that other programs are served. */
const mirrorable = /^\/v1\/(?:ops|actions|runs|artifacts|evidence|replays|audit)(?:\/|$)/;
const params = (path: string): string[] => [...path.matchAll(/:([a-z_]+)/g)].map((match) => match[1] ?? '');
const Shape = z.object({
  properties: z.record(z.string(), z.unknown()).default({}),
  additionalProperties: z.unknown(),
});
const shapeOf = (schema: z.ZodType) => Shape.parse(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }));

it.each(table)('%s declares a lane and a permission that belong together', (id, route) => {
  expect(lanes).toContain(route.lane);
  expect(limitClasses).toContain(route.limit);
  expect(route.path.startsWith('/v1/dev/')).toBe(route.lane === 'admin');
  expect(route.path.startsWith('/v1/public/')).toBe(route.lane === 'public');
  expect(route.path.startsWith('/v1/worker/')).toBe(route.lane === 'worker');
  expect(route.path.startsWith('/v1/auth/')).toBe(route.lane === 'auth');
  // What everybody may ask is narrowed by nothing.
  if (route.permission === 'none') expect([route.scope, route.reach]).toEqual([null, 'none']);
  expect(['none', 'viewer', 'actions', 'approver', 'admin', 'worker']).toContain(route.permission);
  // A worker joins before it has what proves it.
  expect(route.permission === 'worker').toBe(route.lane === 'worker' && id !== 'workerEnrol');
  if (route.permission === 'none' && id !== 'meta' && id !== 'workerEnrol')
    expect(['probe', 'auth']).toContain(route.lane);
  expect(route.summary).toMatch(/^[A-Z].*\.$/);
});

const pagePaths = /^\/(?:$|sign-in$|account$|ops\/|page\/)/;

it('only probes, what verifiers need and what signing in or joining needs come without a credential', () => {
  const open = table.filter(([, route]) => route.permission === 'none');
  const signingIn = open.filter(([, { lane }]) => lane === 'auth').map(([id]) => id);
  expect(signingIn.sort()).toEqual([
    'csrfBootstrap',
    'inviteOffer',
    'inviteRedeem',
    'login',
    'passkeyLogin',
    'passkeyLoginBegin',
    'providerCallback',
    'providerLoginBegin',
    'signInChoices',
  ]);
  const page = open.filter(([, { lane, path }]) => lane === 'probe' && pagePaths.test(path)).map(([id]) => id);
  expect(page.sort()).toEqual(['page', 'pageAccount', 'pageFile', 'pageOperation', 'pageReport', 'pageSignIn']);
  const others = open.filter(([id, { lane }]) => lane !== 'auth' && !page.includes(id)).map(([id]) => id);
  expect(others.sort()).toEqual(['livez', 'meta', 'openapi', 'readyz', 'trust', 'verifier', 'version', 'workerEnrol']);
});

it('method and path are unique, whatever a parameter is called', () => {
  const places = table.map(([, { method, path }]) => `${method} ${path.replaceAll(/:[a-z_]+/g, ':x')}`);
  expect(places.filter((place, index) => places.indexOf(place) !== index)).toEqual([]);
});

it.each(table)('%s describes exactly the parameters of its path', (_id, { path, params: schema }) => {
  const named = params(path);
  expect(new Set(named).size).toBe(named.length);
  expect(Object.keys(schema === undefined ? {} : shapeOf(schema).properties).sort()).toEqual(named.sort());
});

it.each(table)('%s has a body only where the method carries one, and an answer of 2xx', (_id, route) => {
  expect(route.body !== undefined && (route.method === 'GET' || route.method === 'DELETE')).toBe(false);
  const statuses = Object.keys(route.answers).map(Number);
  expect(statuses.length).toBeGreaterThan(0);
  // A browser that comes back from a provider is sent on.
  expect(statuses.filter((status) => (status < 200 || status > 299) && status !== 303)).toEqual([]);
});

it.each(table)('%s takes no parameter or query that it does not know', (_id, route) => {
  for (const schema of [route.params, route.query]) {
    if (schema !== undefined) expect(shapeOf(schema).additionalProperties).toBe(false);
  }
});

it('every flag guards a route, and every route that is guarded names a flag', () => {
  const guarding = new Set(table.flatMap(([, { flag }]) => flag ?? []));
  expect([...guarding].sort()).toEqual([...flagNames].sort());
});

it('what other programs are served is the same as another route, below /v1/public and nothing more', () => {
  const mirrors = table.filter(([, { lane }]) => lane === 'public');
  expect(mirrors.length).toBeGreaterThan(20);
  for (const [id, { mirrors: of, lane: _lane, path, flag, ...rest }] of mirrors) {
    const source = table.find(([known]) => known === of)?.[1];
    if (source === undefined) throw new Error(`${id} mirrors nothing`);
    const { lane, path: sourcePath, ...sourceRest } = source;
    expect(id).toBe(`public${of?.[0]?.toUpperCase()}${of?.slice(1)}`);
    expect([lane, path, flag]).toEqual(['ui', sourcePath.replace('/v1/', '/v1/public/'), 'public_api']);
    expect(rest).toEqual(sourceRest);
  }
  // Breaking glass is what a person does, never a program.
  const nouns = table.filter(([, { path }]) => mirrorable.test(path) && !path.includes('/break-glass'));
  const missing = nouns.filter(([id]) => !mirrors.some(([, { mirrors: of }]) => of === id)).map(([id]) => id);
  expect(missing).toEqual([]);
});
