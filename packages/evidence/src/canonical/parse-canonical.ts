import { readJson } from '@countersign/protocol';
import { equalBytes } from '../bytes/bytes.ts';
import { fromUtf8 } from '../bytes/utf8.ts';
import { type Checked, invalid, valid } from '../checked/checked.ts';
import { canonicalBytes } from './canonical.ts';

/** The part of a zod schema that reading needs. */
export interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: PropertyKey[]; message: string }[] } };
}

const deepestNesting = 200;

const [backslash, quote, openBrace, openBracket, closeBrace, closeBracket] = [92, 34, 123, 91, 125, 93];

function nesting(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inString && code === backslash) at += 1;
    else if (code === quote) inString = !inString;
    else if (!inString && (code === openBrace || code === openBracket)) deepest = Math.max(deepest, ++depth);
    else if (!inString && (code === closeBrace || code === closeBracket)) depth -= 1;
  }
  return deepest;
}

function parseJson(text: string): Checked<unknown> {
  try {
    const value: unknown = readJson(text);
    return valid(value);
  } catch (error) {
    if (error instanceof SyntaxError) return invalid('not JSON');
    throw error;
  }
}

/**
 * Reads hostile bytes as a value of the schema, and only if they are exactly its canonical JSON (RFC 8785).
 *
 * Refuses with a reason: not UTF-8, not JSON, nested deeper than 200, not of the schema, not canonical.
 */
export function parseCanonical<T>(bytes: Uint8Array, schema: Schema<T>): Checked<T> {
  const text = fromUtf8(bytes);
  if (text === null) return invalid('not UTF-8');
  if (nesting(text) > deepestNesting) return invalid(`nested deeper than ${deepestNesting}`);
  const json = parseJson(text);
  if (!json.ok) return json;
  const parsed = schema.safeParse(json.value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return invalid(
      `not of its schema at /${issue?.path.map(String).join('/') ?? ''}: ${issue?.message ?? 'no reason'}`,
    );
  }
  return canonicalOr(parsed.data, bytes);
}

function canonicalOr<T>(value: T, bytes: Uint8Array): Checked<T> {
  try {
    return equalBytes(canonicalBytes(value), bytes) ? valid(value) : invalid('not canonical JSON');
  } catch (error) {
    // A lone surrogate can be spelled as an escape in well-formed text.
    if (error instanceof TypeError) return invalid('not canonical JSON');
    throw error;
  }
}
