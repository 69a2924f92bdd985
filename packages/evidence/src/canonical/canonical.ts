import { utf8 } from '../bytes/utf8.ts';

function isPlain(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  // A plain object of another realm (a worker, a vm context) has that realm's Object.prototype, which has no prototype.
  return prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'valueOf'));
}

/** Where in a value the writer stands: the objects above, to find a cycle, and the keys that lead here, for a refusal. */
interface Place {
  readonly above: object[];
  readonly path: (string | number)[];
}

function refuse({ path }: Place, problem: string): never {
  const at = path.length === 0 ? 'the top' : `/${path.map((key) => String(key).toWellFormed()).join('/')}`;
  throw new TypeError(`canonical JSON: ${problem} at ${at}`);
}

function writeText(text: string, place: Place): string {
  return text.isWellFormed() ? JSON.stringify(text) : refuse(place, 'a string with a lone surrogate');
}

function writeMembers(value: object, place: Place): string {
  if (!isPlain(value)) refuse(place, `an object that is not plain (${Object.prototype.toString.call(value)})`);
  if (Object.getOwnPropertySymbols(value).length > 0) refuse(place, 'a symbol key');
  // By UTF-16 code units: what sort() does by itself.
  let text = '';
  for (const key of Object.keys(value).sort()) {
    place.path.push(key);
    const member: unknown = Reflect.get(value, key);
    text += `${text === '' ? '' : ','}${writeText(key, place)}:${write(member, place)}`;
    place.path.pop();
  }
  return `{${text}}`;
}

function writeItems(items: readonly unknown[], place: Place): string {
  let text = '';
  for (let index = 0; index < items.length; index += 1) {
    place.path.push(index);
    text += (index === 0 ? '' : ',') + write(items[index], place);
    place.path.pop();
  }
  return `[${text}]`;
}

/** RFC 8785 takes numbers and strings as JSON.stringify writes them. */
function write(value: unknown, place: Place): string {
  if (typeof value === 'string') return writeText(value, place);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number')
    return Number.isFinite(value) ? JSON.stringify(value) : refuse(place, `the number ${value}`);
  if (typeof value !== 'object') return refuse(place, typeof value);
  if (place.above.includes(value)) return refuse(place, 'a cycle');
  place.above.push(value);
  const text = Array.isArray(value) ? writeItems(value, place) : writeMembers(value, place);
  place.above.pop();
  return text;
}

/**
 * JSON text in the one form RFC 8785 allows: members sorted by UTF-16 code units, shortest numbers, no white space.
 * One pass both checks and writes: it is made for every audit entry, digest and file of a bundle.
 *
 * @throws TypeError, with a JSON pointer to the place, on undefined, functions, symbols, BigInt, NaN, Infinity,
 *   lone surrogates, cycles, and objects that are not plain (Date, Map, class instances). RFC 8785 section 3.
 */
export function canonicalJson(value: unknown): string {
  return write(value, { above: [], path: [] });
}

/**
 * UTF-8 bytes of `canonicalJson(value)`.
 *
 * @throws TypeError as `canonicalJson` does.
 */
export function canonicalBytes(value: unknown): Uint8Array {
  return utf8(canonicalJson(value));
}
