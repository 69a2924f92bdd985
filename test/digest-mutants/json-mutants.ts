import type { Json, JsonObject } from '@countersign/protocol';
import type { Random } from './random.ts';
import { type Changed, textMutants } from './text-mutants.ts';

/** A JSON document with one change in it. */
export interface JsonMutant extends Changed<Json> {
  /** JSON pointer to the place. */
  readonly at: string;
}

function isObject(value: Json): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberMutants(value: number): Changed<Json>[] {
  const others = [value + 1, value - 1, -value - 1, value + 0.5, value * 2 + 3, 2 ** 53];
  return others.map((other) => ({ kind: 'number', value: other }));
}

function arrayMutants(value: readonly Json[], random: Random): Changed<Json>[] {
  const at = random.below(value.length);
  const element = value[at];
  if (element === undefined) return [{ kind: 'add', value: [random.pick<Json>([null, 0, '', {}])] }];
  return [
    { kind: 'drop', value: value.toSpliced(at, 1) },
    { kind: 'twice', value: value.toSpliced(at, 0, element) },
    { kind: 'order', value: value.toSpliced(at, 1).toSpliced(random.below(value.length), 0, element) },
    { kind: 'add', value: [...value, random.pick<Json>([null, 0, '', {}])] },
    { kind: 'drop', value: [] },
  ];
}

function objectMutants(value: JsonObject, random: Random): Changed<Json>[] {
  const entries = Object.entries(value);
  const added = random.pick(['extra', '__proto__', 'toString', '', 'schema']);
  const made: Changed<Json>[] = [
    { kind: 'add', value: Object.fromEntries([...entries, [added, random.pick<Json>([1, null, 'x', {}])]]) },
  ];
  const at = random.below(entries.length);
  const [key, member] = entries[at] ?? [];
  if (key === undefined || member === undefined) return made;
  made.push({ kind: 'drop', value: Object.fromEntries(entries.toSpliced(at, 1)) });
  for (const renamed of textMutants(key, random)) {
    made.push({ kind: 'key', value: Object.fromEntries(entries.toSpliced(at, 1, [renamed.value, member])) });
  }
  const other = entries[random.below(entries.length)];
  if (other !== undefined) {
    made.push({ kind: 'order', value: { ...value, [key]: other[1], [other[0]]: member } });
  }
  return made;
}

function typeMutants(value: Json, random: Random): Changed<Json>[] {
  const others: [Json, ...Json[]] = [null, true, false, 0, '', [], {}, [value], { value }, JSON.stringify(value)];
  return [{ kind: 'type', value: random.pick(others) }];
}

function changesOf(value: Json, random: Random): Changed<Json>[] {
  const typed = typeMutants(value, random);
  if (typeof value === 'string') return [...textMutants(value, random), ...typed];
  if (typeof value === 'number') return [...numberMutants(value), ...typed];
  if (typeof value === 'boolean') return [{ kind: 'boolean', value: !value }, ...typed];
  if (Array.isArray(value)) return [...arrayMutants(value, random), ...typed];
  return isObject(value) ? [...objectMutants(value, random), ...typed] : typed;
}

/** Every place of a document with every class of change; which bit, letter or neighbour is random. */
export function* jsonMutants(value: Json, random: Random, at = ''): Generator<JsonMutant> {
  for (const { kind, value: changed } of changesOf(value, random)) yield { kind, at, value: changed };
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) {
      for (const inner of jsonMutants(element, random, `${at}/${index}`)) {
        yield { ...inner, value: value.with(index, inner.value) };
      }
    }
  } else if (isObject(value)) {
    for (const [key, member] of Object.entries(value)) {
      for (const inner of jsonMutants(member, random, `${at}/${key}`)) {
        yield { ...inner, value: { ...value, [key]: inner.value } };
      }
    }
  }
}
