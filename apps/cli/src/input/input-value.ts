import { CodedError, type Json, JsonValue, readJson } from '@countersign/protocol';
import { type Alternatives, allows, constants } from './input-schema.ts';

const numberPattern = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

/** The error of an input that does not fit; `field` is its path as it was typed. */
export function inputError(
  field: string,
  message: string,
  more: { expected?: string; next?: string } = {},
): CodedError {
  return new CodedError('E_VALIDATION', `input "${field}": ${message}`, { field, ...more });
}

function asJson(text: string, field: string): Json {
  try {
    return JsonValue.parse(readJson(text));
  } catch (cause) {
    throw inputError(field, `no valid JSON (${cause instanceof Error ? cause.message : 'unreadable'})`);
  }
}

function expectation(place: Alternatives): string {
  const listed = place.flatMap((schema) => constants(schema) ?? []);
  if (listed.length > 0) return `one of ${listed.map((value) => JSON.stringify(value)).join(', ')}`;
  return (['string', 'number', 'boolean', 'null', 'array', 'object'] as const)
    .filter((type) => allows(place, type))
    .join(' or ');
}

/** Types a word by what its place may hold: number, boolean and null where they fit, JSON for lists and objects, else text. */
export function typedValue(text: string, place: Alternatives, field: string): Json {
  const listed = place.flatMap((schema) => constants(schema) ?? []);
  const constant = listed.find(
    (value) => value === text || (typeof value !== 'string' && JSON.stringify(value) === text),
  );
  if (constant !== undefined) return constant;
  if (allows(place, 'object') && text.startsWith('{') && !isPlainText(place)) return asJson(text, field);
  if (allows(place, 'array') && text.startsWith('[') && !isPlainText(place)) return asJson(text, field);
  if (allows(place, 'null') && text === 'null') return null;
  if (allows(place, 'boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (allows(place, 'number') && numberPattern.test(text)) {
    const value = Number(text);
    if (!allows(place, 'string') || String(value) === text) return value;
  }
  const open = place.filter((schema) => constants(schema) === null);
  if (allows(open, 'string')) return text;
  const expected = expectation(place);
  throw inputError(field, `"${text}" does not fit, expected ${expected}`, { expected });
}

/** Where text is declared beside a list or object, a leading bracket is text: JSON goes by `--inputs`. */
function isPlainText(place: Alternatives): boolean {
  return place.some((schema) => schema['type'] === 'string');
}
