import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Json, JsonObject, type RouteDefinition } from '@countersign/protocol';
import fc from 'fast-check';
import { type Dictionary, jsonBy, spoilt } from './schema-arbitrary.ts';

/** A request to one route, as bytes. */
export interface Sent {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string | null;
}

/** Tokens that are valid: one that a route lets in, and some that it may not. */
export interface Tokens {
  readonly admin: string;
  readonly worker: string;
  readonly others: readonly string[];
}

const document = join(import.meta.dirname, '../../../contracts/openapi.json');
const paths = JsonObject.parse(JsonObject.parse(JSON.parse(readFileSync(document, 'utf8')))['paths']);
const operations = Object.values(paths).flatMap((methods) =>
  Object.values(JsonObject.parse(methods)).map((operation) => JsonObject.parse(operation)),
);

/** Routes that copy the whole installation, or change how everything after them goes: asked by who may not, mostly. */
const seldom = new Set(['backupMake', 'retentionApply', 'keyRotate', 'policyReload', 'freezeSet']);
/** Fields that would end the test rather than test anything: a stream that never ends, a switch that stops all work, a wait. */
const pinned: Readonly<Record<string, Json>> = {
  follow: 'false',
  on: false,
  wait_ms: 50,
  frozen: false,
  scope: 'workspace',
};

function pin(value: Json): Json {
  const parsed = JsonObject.safeParse(value);
  if (!parsed.success) return value;
  const entries = Object.entries(parsed.data).map(([key, item]): [string, Json] => [key, pinned[key] ?? item]);
  return Object.fromEntries(entries);
}

interface Described {
  readonly query: Readonly<Record<string, JsonObject>>;
  readonly body: JsonObject | null;
}

function described(id: string): Described {
  const operation = operations.find(({ operationId }) => operationId === id);
  if (operation === undefined) throw new Error(`the OpenAPI document does not know ${id}`);
  const parameters = Array.isArray(operation['parameters']) ? operation['parameters'] : [];
  const query = parameters.flatMap((each): [string, JsonObject][] => {
    const { in: place, name, schema } = JsonObject.parse(each);
    return place === 'query' ? [[String(name), JsonObject.parse(schema)]] : [];
  });
  const sent = JsonObject.safeParse(operation['requestBody']);
  const content = sent.success ? JsonObject.parse(sent.data['content']) : null;
  const media = content === null ? null : JsonObject.parse(content['application/json']);
  return {
    query: Object.fromEntries(query),
    body: media === null ? null : JsonObject.parse(media['schema']),
  };
}

const visible = fc.string({
  unit: fc.integer({ min: 0x21, max: 0x7e }).map((code) => String.fromCharCode(code)),
  minLength: 1,
  maxLength: 60,
});
const headers = fc.record(
  {
    'idempotency-key': visible,
    'x-request-id': visible,
    traceparent: fc.oneof(visible, fc.constant('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')),
    'last-event-id': fc.oneof(visible, fc.nat().map(String)),
    accept: fc.constantFrom('application/problem+json', '*/*', 'text/html'),
    cookie: fc.constantFrom('a=b; c', '__Host-countersign=', '__Host-other=1'),
    origin: fc.constantFrom('https://example.org', 'null'),
  },
  { requiredKeys: [] },
);
const contentType = fc.oneof(
  { weight: 30, arbitrary: fc.constant('application/json') },
  {
    weight: 1,
    arbitrary: fc.constantFrom('text/plain', 'application/x-www-form-urlencoded', 'application/json; charset=latin1'),
  },
);

function paramsOf({ path }: RouteDefinition, dictionary: Dictionary): fc.Arbitrary<string[]> {
  const names = [...path.matchAll(/:([a-z_]+)/g)].map((match) => match[1] ?? '');
  const values = names.map((name) =>
    fc.oneof(
      { weight: 8, arbitrary: fc.constantFrom(...(dictionary.get(name) ?? ['none'])).map(String) },
      { weight: 1, arbitrary: fc.uuid() },
      { weight: 1, arbitrary: visible.filter((text) => text !== '.' && text !== '..') },
    ),
  );
  return fc.tuple(...values);
}

function addressOf(
  { path }: RouteDefinition,
  values: readonly string[],
  query: Readonly<Record<string, Json | undefined>>,
): string {
  const rest = [...values];
  const place = path.replaceAll(/:[a-z_]+/g, () => encodeURIComponent(rest.shift() ?? 'none'));
  const search = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    const given = pinned[key] ?? value ?? null;
    search.set(key, typeof given === 'string' ? given.toWellFormed() : JSON.stringify(given));
  }
  return search.size === 0 ? place : `${place}?${search}`;
}

/** Requests to one route, made from the OpenAPI document: most of them fit, some are spoilt, some come from who may not. */
export function requestsOf(
  id: string,
  route: RouteDefinition,
  dictionary: Dictionary,
  tokens: Tokens,
): fc.Arbitrary<Sent> {
  const { query, body } = described(id);
  const asked: Record<string, fc.Arbitrary<Json>> = {};
  for (const [name, schema] of Object.entries(query)) asked[name] = jsonBy(schema, dictionary, name);
  const fitting = route.permission === 'worker' ? tokens.worker : tokens.admin;
  const token = fc.oneof(
    { weight: seldom.has(route.mirrors ?? id) ? 1 : 40, arbitrary: fc.constant<string | null>(fitting) },
    { weight: 4, arbitrary: fc.constantFrom<string | null>(...tokens.others, null, 'csn_none') },
  );
  const streams = Object.hasOwn(query, 'follow');
  return fc
    .record({
      params: paramsOf(route, dictionary),
      query: fc.record(asked, { requiredKeys: streams ? ['follow'] : [] }),
      payload: body === null ? fc.constant<Json>(null) : spoilt(jsonBy(body, dictionary)).map(pin),
      token,
      more: fc.option(headers, { freq: 3 }),
      type: contentType,
      cut: fc.integer({ min: 0, max: 40 }).map((draw) => draw === 0),
      key: fc.uuid(),
    })
    .map((made): Sent => {
      const whole = body === null ? null : JSON.stringify(made.payload);
      const text = whole !== null && made.cut ? whole.slice(0, whole.length / 2) : whole;
      const length = text === null ? {} : { 'content-length': String(Buffer.byteLength(text)) };
      return {
        id,
        method: route.method,
        path: addressOf(route, made.params, made.query),
        headers: {
          ...(route.lane === 'public' && route.method === 'POST' ? { 'idempotency-key': made.key } : {}),
          ...made.more,
          ...(made.token === null ? {} : { authorization: `Bearer ${made.token}` }),
          ...(text === null ? {} : { 'content-type': made.type, ...length }),
        },
        text,
      };
    });
}
