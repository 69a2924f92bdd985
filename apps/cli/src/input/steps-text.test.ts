import { JsonObject, type StepInput } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readSteps, stepsText } from './steps-text.ts';

const json = fc.jsonValue({ maxDepth: 4, noUnicodeString: false }).map((value) => JSON.parse(JSON.stringify(value)));
const anyStep: fc.Arbitrary<StepInput> = fc.record({
  action: fc.constantFrom('repo.write_files', 'docker.restart_container'),
  inputs: fc.dictionary(fc.string({ unit: 'grapheme', maxLength: 12 }), json).map((inputs) => JsonObject.parse(inputs)),
});

test('whatever steps say comes back as it was, seed 20260728', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 1, maxLength: 4 }), (steps) => {
      expect(readSteps(stepsText(steps))).toEqual(steps);
    }),
    { numRuns: 200, seed: 20260728 },
  );
});

test.each([
  'yes',
  'no',
  '0x1f',
  '1e3',
  '2026-07-28',
  '~',
  'null',
  '',
  ' ',
  '#',
  '- a',
  'a: b',
  "it's",
  '"',
  '\\',
  'tab\there',
  'trailing \n',
  '\n\nlines\n\n',
  '\u0000\u0007',
  '<<',
  '*alias',
  '&anchor',
  '!tag',
  '%YAML',
  '---',
  '...',
])('the text %j stays that text', (value) => {
  const steps = [{ action: 'a.b', inputs: { value } }];
  expect(readSteps(stepsText(steps))).toEqual(steps);
});

test('a patch stands line by line', () => {
  const patch = '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-one\n+two\n';
  const text = stepsText([{ action: 'repo.apply_patch', inputs: { message: 'm', patch } }]);
  expect(text).toContain('    patch: |\n      --- a/x\n      +++ b/x\n      @@ -1 +1 @@\n      -one\n      +two\n');
});

test('JSON is taken too', () => {
  expect(readSteps('[{"action": "a.b", "inputs": {"n": 1}}]')).toEqual([{ action: 'a.b', inputs: { n: 1 } }]);
});

test.each([
  ['- action: [', /no YAML in line \d/],
  ['- action: a.b\n  action: c.d\n  inputs: {}\n', /no YAML in line 2: DUPLICATE_KEY/],
  ['', /no steps/],
  ['[]', /no steps/],
  ['- action: a.b\n', /no steps: steps\/0\/inputs/],
  ['- action: a.b\n  inputs: {}\n  target: other\n', /no steps: steps\/0/],
  ['- action: a.b\n  inputs: {a: &x 1, b: *x}\n', /uses aliases/],
])('%j is refused, with where', (text, why) => {
  expect(() => readSteps(text)).toThrow(why);
});
