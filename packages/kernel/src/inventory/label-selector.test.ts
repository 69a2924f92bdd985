import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hiddenFrom, type LabelRequirement, parseLabelSelector, selects } from './label-selector.ts';

const parsed = (text: string): readonly LabelRequirement[] => {
  const outcome = parseLabelSelector(text);
  if (!outcome.ok) throw new Error(outcome.message);
  return outcome.value;
};
const meets = (text: string, labels: Record<string, string>): boolean => selects(parsed(text), labels);

describe('parseLabelSelector', () => {
  // Source: kubernetes/apimachinery pkg/labels/selector_test.go and the documentation of label selectors.
  it.each([
    ['app=web', { app: 'web' }, true],
    ['app==web', { app: 'web' }, true],
    ['app=web', { app: 'webb' }, false],
    ['app=web,tier!=db', { app: 'web', tier: 'cache' }, true],
    ['app=web,tier!=db', { app: 'web', tier: 'db' }, false],
    ['tier!=db', {}, true],
    ['env in (a, b)', { env: 'b' }, true],
    ['env in (a,b)', { env: 'c' }, false],
    ['env notin (a,b)', {}, true],
    ['env notin (a,b)', { env: 'a' }, false],
    ['canary', { canary: '' }, true],
    ['canary', {}, false],
    ['!canary', {}, true],
    ['! canary', { canary: 'x' }, false],
    ['example.com/zone=a,!x', { 'example.com/zone': 'a' }, true],
    ['empty=', { empty: '' }, true],
    ['in', { in: 'x' }, true],
    ['constructor', {}, false],
    ['x in (a),y notin (b),z', { x: 'a', y: 'c', z: '' }, true],
  ])('%s on %o is %s', (text, labels, expected) => {
    expect(meets(text, labels)).toBe(expected);
  });

  it.each([
    '',
    ',',
    'a,',
    'a b',
    'a=b=c',
    'a in',
    'a in b',
    'a in (',
    'a in (b',
    'a=(b)',
    '!a=b',
    '=b',
    '-a',
    'a=-b',
    `a=${'x'.repeat(64)}`,
    'a/b/c',
    'a in (b))',
    'UPPER/x',
  ])('"%s" is refused, with how to write one', (text) => {
    expect(parseLabelSelector(text)).toMatchObject({ ok: false, code: 'E_VALIDATION', detail: { field: '/labels' } });
  });

  const word = fc.stringMatching(/^[A-Za-z0-9]([A-Za-z0-9_.-]{0,10}[A-Za-z0-9])?$/);
  const requirement = fc.oneof(
    fc.record({
      key: word,
      operator: fc.constantFrom('in' as const, 'not_in' as const),
      values: fc.array(word, { minLength: 1, maxLength: 3 }),
    }),
    fc.record({
      key: word,
      operator: fc.constantFrom('exists' as const, 'not_exists' as const),
      values: fc.constant([]),
    }),
  );
  const written = ({ key, operator, values }: LabelRequirement, isSet: boolean): string => {
    if (operator === 'exists') return key;
    if (operator === 'not_exists') return `!${key}`;
    if (values.length === 1 && !isSet) return `${key}${operator === 'in' ? '=' : '!='}${values[0] ?? ''}`;
    return `${key} ${operator === 'in' ? 'in' : 'notin'} (${values.join(', ')})`;
  };

  it('reads back whatever is written, in either spelling', () => {
    fc.assert(
      fc.property(fc.array(requirement, { minLength: 1, maxLength: 5 }), fc.boolean(), (given, isSet) => {
        expect(parsed(given.map((each) => written(each, isSet)).join(','))).toEqual(given);
      }),
    );
  });

  it('of any requirement and its opposite exactly one holds, and all of several are wanted', () => {
    const labels = fc.dictionary(word, word, { maxKeys: 4 });
    const opposite = { in: 'not_in', not_in: 'in', exists: 'not_exists', not_exists: 'exists' } as const;
    let held = 0;
    fc.assert(
      fc.property(labels, requirement, fc.array(requirement, { maxLength: 3 }), fc.nat(), (of, drawn, more, at) => {
        const keys = Object.keys(of);
        const known = keys[at % Math.max(1, keys.length)];
        const one = known === undefined || at % 2 === 0 ? drawn : { ...drawn, key: known };
        const turned = { ...one, operator: opposite[one.operator] };
        expect(selects([one], of)).not.toBe(selects([turned], of));
        if (selects([one], of)) held += 1;
        expect(selects([one, ...more], of)).toBe(selects([one], of) && selects(more, of));
      }),
    );
    expect(held).toBeGreaterThan(10);
  });

  it('answers, whatever it is given', () => {
    const pieces = fc.constantFrom('(', ')', ',', '=', '!', ' ', 'a', 'in', '/');
    fc.assert(
      fc.property(fc.string({ maxLength: 1024, unit: pieces }), (text) => {
        const outcome = parseLabelSelector(text);
        if (outcome.ok) expect(outcome.value.length).toBeGreaterThan(0);
        else expect(outcome.code).toBe('E_VALIDATION');
      }),
    );
  });
});

it('a value that is not known is no value: only whether the label is there can be judged', () => {
  const labels = { app: 'web', owner: '[withheld]' };
  const judged = (text: string) => hiddenFrom(parsed(text), labels);
  expect(['owner=a', 'owner!=a', 'owner in (a,b)', 'app=web,owner notin (a)'].map(judged)).toEqual(
    Array(4).fill('owner'),
  );
  expect(['owner', '!owner', 'app=web', 'none!=x'].map(judged)).toEqual(Array(4).fill(null));
});
