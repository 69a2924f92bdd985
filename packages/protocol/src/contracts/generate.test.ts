import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { repositoryFolder } from '../fixture/product-sources.ts';
import { samples } from '../fixture/samples.ts';
import * as protocol from '../index.ts';
import { type Json, JsonObject } from '../scalar/scalar.ts';
import { generateContracts } from './generate.ts';

const contracts = generateContracts();
const folder = join(repositoryFolder, 'contracts');
const names = [...contracts.keys()].flatMap((path) => /^schemas\/(.+)\.json$/.exec(path)?.[1] ?? []);
const parsers = new Map(Object.entries(protocol));

/** Every object inside a JSON value, by its path. */
function objectsIn(value: Json, path: string[] = []): { path: string[]; object: JsonObject }[] {
  if (Array.isArray(value)) return value.flatMap((item, index) => objectsIn(item, [...path, String(index)]));
  if (typeof value !== 'object' || value === null) return [];
  return [{ path, object: value }, ...Object.entries(value).flatMap(([key, item]) => objectsIn(item, [...path, key]))];
}

/** Fields that hold any JSON; nothing inside them is refused. */
const open = new Set(['params', 'inputs', 'inputSchema', 'detail', 'observed', 'summary', 'before', 'after', 'guard']);

/** Whether the published JSON schema takes a value; read back from the file's text alone. */
function validator(name: string): (value: Json) => boolean {
  const schema = z.fromJSONSchema(JsonObject.parse(JSON.parse(contracts.get(`schemas/${name}.json`) ?? '')));
  return (value) => schema.safeParse(value).success;
}

it('contracts/ on disk is exactly what the code generates', () => {
  const onDisk = globSync('**/*.json', { cwd: folder }).sort();
  expect(onDisk).toEqual([...contracts.keys()].sort());
  for (const [path, text] of contracts) expect(readFileSync(join(folder, path), 'utf8'), path).toBe(text);
});

it('there is a sample for every schema and no other', () => {
  expect(names.length).toBeGreaterThan(15);
  expect(Object.keys(samples).sort()).toEqual([...names].sort());
});

it.each(names)('%s takes its sample, in zod and in the published JSON schema', (name) => {
  const sample = samples[name];
  const schema = parsers.get(name);
  expect(schema).toHaveProperty('safeParse');
  const parse = schema !== undefined && typeof schema === 'object' && 'parse' in schema ? schema.parse : undefined;
  if (typeof parse !== 'function') throw new Error(`${name} is no schema`);
  expect(parse(sample)).toEqual(sample);
  expect(validator(name)(sample ?? null)).toBe(true);
});

it.each(names.filter((name) => name !== 'ProposeByType'))(
  '%s refuses a field it does not know, at any depth',
  (name) => {
    const valid = validator(name);
    const sample = samples[name] ?? {};
    const places = objectsIn(sample).filter(({ path }) => !path.some((key) => open.has(key)));
    expect(places.length).toBeGreaterThan(0);
    for (const { path } of places) {
      const copy = structuredClone(sample);
      const place = objectsIn(copy).find((found) => found.path.join('/') === path.join('/'));
      if (place === undefined) throw new Error(path.join('/'));
      place.object['unknown_field'] = 1;
      expect(valid(copy), `${name} takes an unknown field at /${path.join('/')}`).toBe(false);
    }
  },
);

it.each(names)('%s does not do without a field it demands', (name) => {
  const valid = validator(name);
  const schema = JsonObject.parse(JSON.parse(contracts.get(`schemas/${name}.json`) ?? ''));
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  for (const key of required) {
    const { [key]: _left, ...rest } = samples[name] ?? {};
    expect(valid(rest), `${name} does without ${key}`).toBe(false);
  }
});
