import { type Json, JsonObject, readJson } from '@countersign/protocol';
import { z } from 'zod';
import { fieldManager } from '../change/write.ts';
import { isObject } from './shown-object.ts';

const Managed = z.looseObject({
  metadata: z.looseObject({
    managedFields: z
      .array(z.looseObject({ manager: z.string(), operation: z.string(), fieldsV1: JsonObject.optional() }))
      .default([]),
  }),
});

/** The fields of an object that we applied, in the API's notation (`FieldsV1`). */
export function ownedFields(object: JsonObject): JsonObject {
  const { managedFields } = Managed.parse(object).metadata;
  return (
    managedFields.find(({ manager, operation }) => manager === fieldManager && operation === 'Apply')?.fieldsV1 ?? {}
  );
}

/** All fields of two sets. */
export function unionOf(one: JsonObject, other: JsonObject): JsonObject {
  const union: JsonObject = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const beside = union[key];
    union[key] = isObject(value) && isObject(beside) ? unionOf(beside, value) : value;
  }
  return union;
}

function matches(item: Json, keys: JsonObject): boolean {
  return isObject(item) && Object.entries(keys).every(([key, value]) => item[key] === value);
}

function ofArray(items: readonly Json[], fields: JsonObject): Json[] {
  return Object.entries(fields).flatMap(([key, inner]): Json[] => {
    if (key.startsWith('v:')) {
      const member: Json = z.json().parse(readJson(key.slice(2)));
      return items.includes(member) ? [member] : [];
    }
    if (!key.startsWith('k:')) return [];
    const keys = JsonObject.parse(readJson(key.slice(2)));
    const item = items.find((each) => matches(each, keys));
    if (item === undefined) return [];
    const extracted = isObject(inner) ? extractFields(item, inner) : item;
    // The keys say which item it is, whether we own them or not.
    return [isObject(extracted) ? { ...keys, ...extracted } : item];
  });
}

/** The part of a value that a set of fields names; undefined where nothing of it is there. */
export function extractFields(value: Json, fields: JsonObject): Json | undefined {
  const inner = Object.entries(fields).filter(([key]) => key !== '.');
  if (inner.length === 0) return value;
  if (Array.isArray(value)) return ofArray(value, Object.fromEntries(inner));
  if (!isObject(value)) return value;
  const entries = inner.flatMap(([key, of]): [string, Json][] => {
    const name = key.startsWith('f:') ? key.slice(2) : undefined;
    const here = name === undefined ? undefined : value[name];
    if (name === undefined || here === undefined) return [];
    const extracted = isObject(of) ? extractFields(here, of) : here;
    return extracted === undefined ? [] : [[name, extracted]];
  });
  return Object.fromEntries(entries);
}
