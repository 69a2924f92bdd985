import { readJson } from '@countersign/protocol';
import { z } from 'zod';
import { jsonText } from './json-text.ts';
import { TextMemo } from './text-memo.ts';

/** A 0/1 column. */
export const flag = z.codec(z.literal([0, 1]), z.boolean(), {
  decode: (value) => value === 1,
  encode: (value) => (value ? 1 : 0),
});

/** A TEXT column that holds canonical JSON of the given schema. What it decodes to is frozen: equal texts share it. */
export function json<Schema extends z.ZodType>(schema: Schema) {
  const decoded = new TextMemo((text) => schema.parse(readJson(text)));
  // The memo answers what the schema made of the text, so nothing is left to check.
  const parsed = z.custom<z.output<Schema>>();
  return z.codec(z.string(), parsed, { decode: (text) => decoded.get(text), encode: jsonText });
}

const byteArray = z.custom<Uint8Array>((value) => value instanceof Uint8Array, 'expected bytes');
/** A BLOB or BYTEA column; a Buffer becomes a plain Uint8Array. */
export const bytes = z.codec(byteArray, byteArray, {
  decode: (value) => (value.constructor === Uint8Array ? value : new Uint8Array(value)),
  encode: (value) => value,
});

/** Epoch milliseconds, counters and sizes: an integer that a number holds exactly. */
export const integer = z.int();

/** The 0/1 spelling of a boolean. */
export function flagOf(value: boolean): 0 | 1 {
  return value ? 1 : 0;
}

/** A search column made from free text: without NUL, which Postgres cannot hold, and without lone surrogates. */
export function searchText(text: string): string {
  return text.replaceAll('\0', '\ufffd').toWellFormed();
}
