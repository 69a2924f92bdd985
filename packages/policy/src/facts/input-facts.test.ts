import type { Json, JsonObject } from '@countersign/protocol';
import { expect, it, test } from 'vitest';
import { decide } from '../decide/decide.ts';
import { question, shipped } from '../decide/question.fixture.ts';

const rules = shipped('standard', [
  {
    name: 'rules.cedar',
    text: `
@id("paths") forbid (principal, action in Action::"mutate", resource)
when { context.action == "repo.write_files" }
unless { context.inputs.texts.hasTag("files/path") && ["README.md"].containsAll(context.inputs.texts.getTag("files/path")) };
@id("to") forbid (principal, action in Action::"mutate", resource)
when { context.action == "gmail.send" }
unless { context.inputs.domains.hasTag("to") && ["example.org"].containsAll(context.inputs.domains.getTag("to")) };
@id("scale") forbid (principal, action in Action::"mutate", resource)
when { context.action == "k8s.scale" }
unless {
  context.inputs.numbers.hasTag("replicas") && context.inputs.numbers.getTag("replicas") <= 10 &&
  context.inputs.least.hasTag("replicas") && context.inputs.least.getTag("replicas") >= 1
};`,
  },
]);
const ask = (name: string, inputs: JsonObject): string =>
  decide(rules, { ...question, steps: [{ name, effect: 'write', risk: 'low', inputs }] }).decision;

const readme = { path: 'README.md' };
test.each<[what: string, files: Json, allowed: boolean]>([
  ['only what is listed', [readme, readme], true],
  ['another file beside it', [readme, { path: 'src/evil.ts' }], false],
  ['a path that is too long to be compared', [readme, { path: `src/${'a/'.repeat(300)}evil.ts` }], false],
  ['a text of 512 characters that is not listed', [readme, { path: 'a'.repeat(512) }], false],
  ['a sealed path', [readme, { path: { $sealed: 'x' } }], false],
  ['a path with sealed parts', [readme, { path: { $sealed_parts: ['README.md', { $sealed: 'x' }] } }], false],
  ['a sealed file', [readme, { $sealed: 'x' }], false],
  ['a number for a path', [readme, { path: 7 }], false],
  ['a truth for a path', [readme, { path: true }], false],
  ['no path', [readme, { path: null }], false],
  ['an empty path', [readme, { path: '' }], false],
])('a list of allowed texts: %s', (_what, files, allowed) => {
  expect(ask('repo.write_files', { files })).toBe(allowed ? 'allow' : 'deny');
});

test.each<[what: string, to: Json, allowed: boolean]>([
  ['one', 'a@example.org', true],
  [
    'several, in either form, with empty places',
    'a@example.org; Bob B. <b@example.org>,\n"Eve" <e@example.org>,',
    true,
  ],
  ['a foreign one', ['a@example.org', 'x@evil.com'], false],
  ['a sealed one', ['a@example.org', { $sealed_parts: [{ $sealed: 'x' }, '@evil.com'] }], false],
  ['a word without @ beside one', 'a@example.org, root', false],
  ['a word behind one', 'a@example.org root', false],
  ['a name that holds another', 'x@evil.com <a@example.org>', false],
  ['a name in a quote that ends early', '"Bob" x@evil.com <a@example.org>', false],
  ['a header in a name', 'Bcc: x <a@example.org>', false],
  ['a line end in a name', 'Bob\rx <a@example.org>', false],
  ['two in angle brackets', 'Bob <a@example.org> <x@evil.com>', false],
  ['an alias in a list', ['a@example.org', 'everybody'], false],
  ['a number in a list', ['a@example.org', 5], false],
])('recipients of a listed domain: %s', (_what, to, allowed) => {
  expect(ask('gmail.send', { to })).toBe(allowed ? 'allow' : 'deny');
});

it('a number beside what is none may be any number', () => {
  expect(ask('k8s.scale', { replicas: [3, 4] })).toBe('allow');
  for (const other of ['400', null, true, { $sealed: 'x' }])
    expect(ask('k8s.scale', { replicas: [3, other] })).toBe('deny');
});

it('a sealed value hides nothing but itself and what is below its name', () => {
  expect(ask('repo.write_files', { files: [readme], file: { $sealed: 'x' } })).toBe('allow');
  expect(ask('k8s.scale', { replicas: 3, token: { $sealed: 'x' } })).toBe('allow');
});
