import canonicalize from 'canonicalize';
import { utf8 } from '../bytes/utf8.ts';

function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  // A plain object of another realm (a worker, a vm context) has that realm's Object.prototype, which has no prototype.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'valueOf'));
}

function refuse(at: string, problem: string): never {
  throw new TypeError(`canonical JSON: ${problem} at ${at === '' ? 'the top' : at}`);
}

function assertText(text: string, at: string): void {
  if (!text.isWellFormed()) refuse(at, 'a string with a lone surrogate');
}

function assertObject(value: object, at: string, above: Set<object>): void {
  if (above.has(value)) refuse(at, 'a cycle');
  above.add(value);
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) assertJson(value[index], `${at}/${index}`, above);
  } else {
    if (!isPlain(value)) refuse(at, `an object that is not plain (${Object.prototype.toString.call(value)})`);
    if (Object.getOwnPropertySymbols(value).length > 0) refuse(at, 'a symbol key');
    for (const [key, member] of Object.entries(value)) {
      assertText(key, `${at}/${key.toWellFormed()}`);
      assertJson(member, `${at}/${key}`, above);
    }
  }
  above.delete(value);
}

function assertJson(value: unknown, at: string, above: Set<object>): void {
  if (value === null || typeof value === 'boolean') return;
  if (typeof value === 'string') assertText(value, at);
  else if (typeof value === 'object') assertObject(value, at, above);
  else if (typeof value !== 'number') refuse(at, typeof value);
  else if (!Number.isFinite(value)) refuse(at, `the number ${value}`);
}

/**
 * JSON text in the one form RFC 8785 allows: members sorted by UTF-16 code units, shortest numbers, no white space.
 *
 * @throws TypeError, with a JSON pointer to the place, on undefined, functions, symbols, BigInt, NaN, Infinity,
 *   lone surrogates, cycles, and objects that are not plain (Date, Map, class instances). RFC 8785 section 3.
 */
export function canonicalJson(value: unknown): string {
  assertJson(value, '', new Set());
  const text = canonicalize(value);
  if (text === undefined) return refuse('', 'nothing to write');
  return text;
}

/**
 * UTF-8 bytes of `canonicalJson(value)`.
 *
 * @throws TypeError as `canonicalJson` does.
 */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalJson(value));
}
