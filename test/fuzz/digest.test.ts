import { canonicalBytes, canonicalJson, fileDigest, parseCanonical, utf8 } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import { JsonValue, readJson } from '@countersign/protocol';
import fc from 'fast-check';
import { it } from 'vitest';
import { fuzz, must, timeout } from './fuzz.ts';

type Tree = null | boolean | number | string | Tree[] | { [key: string]: Tree };

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 6 }),
  fc.constantFrom('', 'a', 'é', 'e\u0301', 'ﬀ', 'ff', '\u2028', '"', '\\', '\u007f', '\u{1f600}', '\uffff', 'toString'),
);
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom(0, -0, 1e21, 1e-7, 2 ** 53, 5e-324, 1.7976931348623157e308, 0.1),
);
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, depthSize: 'small', withCrossShrink: true },
    { arbitrary: fc.oneof(fc.constant(null), fc.boolean(), number, text), weight: 3 },
    { arbitrary: fc.array(tie('tree'), { maxLength: 4 }), weight: 2 },
    { arbitrary: fc.dictionary(text, tie('tree'), { maxKeys: 4, noNullPrototype: true }), weight: 2 },
  ),
}));

/** RFC 8785 written once more, as simply as can be. */
function naive(value: Tree): string {
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(naive).join(',')}]`;
  const keys = Object.keys(value).sort((a, b) => (a < b ? -1 : 1));
  return `{${keys.map((key) => `${JSON.stringify(key)}:${naive(value[key] ?? null)}`).join(',')}}`;
}

/** Equal as JSON: the order of members does not count, and there is one zero. */
function same(a: Tree, b: Tree): boolean {
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return a === b;
  if (Array.isArray(a) || Array.isArray(b)) {
    return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, at) => same(item, b[at]!));
  }
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && same(a[key]!, b[key]!));
}

function reversed(value: Tree): Tree {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map(reversed);
  return Object.fromEntries(
    Object.entries(value)
      .map(([key, member]) => [key, reversed(member)] as const)
      .reverse(),
  );
}

const isTree = (value: unknown): value is Tree => value !== undefined;
function asTree(value: unknown): Tree {
  if (!isTree(value)) throw new TypeError('JSON has no undefined');
  return value;
}

const digest = (value: unknown): string => fileDigest(canonicalBytes(value), nodeSha256);
const refused = (spelled: string): boolean => !parseCanonical(utf8(spelled), JsonValue).ok;
const noJson = [
  undefined,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  '\ud800',
  () => 1,
  Symbol('s'),
  1n,
  new Date(0),
  new Map(),
];

function isRefused(value: unknown): boolean {
  try {
    canonicalJson(value);
    return false;
  } catch (error) {
    return error instanceof TypeError;
  }
}

/** Whether a value holds a member that reading drops, as every product of the schema does. */
function holdsPrototype(value: Tree): boolean {
  if (value === null || typeof value !== 'object') return false;
  return Object.entries(value).some(([key, member]) => key === '__proto__' || holdsPrototype(member));
}

it('a value has one digest, another value another, and nothing but I-JSON has any', { timeout }, async () => {
  const cases = fc.record({
    value: tree,
    other: tree,
    space: fc.constantFrom(' ', '\n', '\t', '\ufeff', ','),
    place: fc.nat(),
    bad: fc.constantFrom(...noJson),
    depth: fc.integer({ min: 1, max: 230 }),
  });
  await fuzz('digest', cases, ({ value, other, space, place, bad, depth }) => {
    const canonical = canonicalJson(value);
    must(canonical === naive(value), 'it is RFC 8785');
    const back = asTree(readJson(canonical));
    must(same(back, value), 'it reads back as the value');
    const own = digest(value);
    must(digest(reversed(value)) === own, 'the order of members does not count');
    must((digest(other) === own) === same(other, value), 'one digest, one value');
    if (!holdsPrototype(value)) {
      const read = parseCanonical(utf8(canonical), JsonValue);
      must(read.ok && same(asTree(read.value), value), 'the canonical text is taken');
    }
    // White space outside of strings, and any other change of one character, is another spelling or another value.
    const at = place % (canonical.length + 1);
    const changed = canonical.slice(0, at) + space + canonical.slice(at);
    must(refused(changed) || !same(asTree(readJson(changed)), value), 'another spelling of the value is refused');
    must(refused(`${canonical} `) && refused(` ${canonical}`), 'white space around it is refused');
    must(refused(`{"a":${canonical},"a":${canonical}}`), 'a member that stands twice is refused');
    must(isRefused([value, { deep: [bad] }]), 'what is not I-JSON has no canonical text');
    if (place % 64 === 0) {
      must(refused(`${'['.repeat(depth)}${']'.repeat(depth)}`) === depth > 200, 'deep nesting is refused');
    }
  });
});
