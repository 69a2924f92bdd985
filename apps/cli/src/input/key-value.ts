import { type Json, type JsonObject, readJson } from '@countersign/protocol';
import { type Alternatives, allows, alternativesOf, itemsOf, memberNames, memberOf } from './input-schema.ts';
import { inputError, typedValue } from './input-value.ts';
import { nearest } from './nearest.ts';

/** Reads a local file that a value names with `@`. */
export type ReadLocalFile = (path: string) => Promise<string>;

interface Branch {
  readonly isArray: boolean;
  readonly members: Map<string, Json | Branch>;
}
const isBranch = (value: Json | Branch | undefined): value is Branch =>
  typeof value === 'object' && value !== null && 'members' in value && value.members instanceof Map;

function toJson(branch: Branch, field: string): Json {
  const entries = [...branch.members].map(([name, value]): [string, Json] => [
    name,
    isBranch(value) ? toJson(value, field === '' ? name : `${field}.${name}`) : value,
  ]);
  // fromEntries defines own members, so a name like "__proto__" stays a name.
  if (!branch.isArray) return Object.fromEntries(entries);
  const sorted = entries.sort(([left], [right]) => Number(left) - Number(right));
  const gap = sorted.findIndex(([name], index) => Number(name) !== index);
  if (gap >= 0) throw inputError(`${field}.${gap}`, 'is missing: list positions count from 0 without gaps');
  return sorted.map(([, value]) => value);
}

function descend(branch: Branch, name: string, path: string, isArray: boolean): Branch {
  const next = branch.members.get(name) ?? { isArray, members: new Map() };
  if (!isBranch(next) || next.isArray !== isArray) throw inputError(path, 'was given in two ways');
  branch.members.set(name, next);
  return next;
}

/** A list written as JSON; null for anything else, which then is one item. */
function wholeList(text: string): Json[] | null {
  if (!text.startsWith('[')) return null;
  try {
    const value: unknown = readJson(text);
    return Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}

/** Splits `a.b.c` at its dots; `\.` is a dot inside a name. */
function segmentsOf(key: string): string[] {
  return [...key.matchAll(/(?:\\\.|[^.])+|(?<=^|\.)(?=\.|$)/g)].map(([segment]) => segment.replaceAll('\\.', '.'));
}

function unknownField(action: string, path: string, name: string, place: Alternatives): Error {
  const known = memberNames(place);
  const meant = nearest(name, known);
  const hint = meant === null ? `it has ${known.join(', ') || 'no inputs'}` : `did you mean "${meant}"?`;
  return inputError(path, `${action} has no such input; ${hint}`, {
    ...(meant !== null && { next: `use "${meant}"` }),
  });
}

/**
 * Inputs from `key=value` words, typed by the action's JSON Schema: nested by dots, lists by repetition (or by
 * position: `files.0.path=…`), `@path` reads a local file, `@@` is a literal `@`.
 *
 * @throws CodedError E_VALIDATION that names the field: unknown (with the nearest known one), given twice, or unfit.
 */
export async function parseKeyValues(
  action: { readonly name: string; readonly inputSchema: JsonObject },
  words: readonly string[],
  readLocalFile: ReadLocalFile,
): Promise<JsonObject> {
  const schema = action.inputSchema;
  const root: Branch = { isArray: false, members: new Map() };
  for (const word of words) {
    const at = word.indexOf('=');
    if (at < 1) throw inputError(word, 'expected key=value');
    const key = word.slice(0, at);
    const raw = word.slice(at + 1);
    const text = raw.startsWith('@@') ? raw.slice(1) : raw.startsWith('@') ? await readLocalFile(raw.slice(1)) : raw;
    assign(root, key, text);
  }
  return Object.fromEntries(Object.entries(toJson(root, '') ?? {}));

  function assign(top: Branch, key: string, text: string): void {
    const segments = segmentsOf(key);
    let branch = top;
    let place = alternativesOf(schema, schema);
    for (const [index, name] of segments.entries()) {
      const path = segments.slice(0, index + 1).join('.');
      const member = memberOf(place, name, schema);
      if (member === null) throw unknownField(action.name, path, name, place);
      place = member;
      const present = branch.members.get(name);
      const isList = allows(place, 'array') && !allows(place, 'string');
      if (index === segments.length - 1) {
        const whole = isList && present === undefined ? wholeList(text) : null;
        if (isList && whole === null) {
          branch = descend(branch, name, path, true);
          branch.members.set(String(branch.members.size), typedValue(text, itemsOf(place, schema), path));
        } else {
          if (present !== undefined) throw inputError(path, 'was given twice');
          branch.members.set(name, whole ?? typedValue(text, place, path));
        }
      } else {
        branch = descend(branch, name, path, isList && /^\d+$/.test(segments[index + 1] ?? ''));
      }
    }
  }
}
