import { expect, test } from 'vitest';
import { loadPolicySet } from './load-policy-set.ts';
import type { PolicyLoadOutcome } from './policy-set.ts';
import { readPolicyFiles } from './read-policy-files.ts';

const schema = readPolicyFiles('standard').filter(({ name }) => name.endsWith('.cedarschema'));
const good = '@id("good")\npermit (principal, action, resource);\n';
const forbid = 'forbid (principal, action, resource)';

function load(text: string): PolicyLoadOutcome {
  return loadPolicySet([...schema, { name: 'planted.cedar', text }], 'standard');
}

test.each<[what: string, text: string, problem: RegExp, line: number, policyId: string | null]>([
  ['a syntax error', `${good}\n// é\n@id("b")\npermit (principal, resource);`, /action/, 6, null],
  ['a missing id', `${good}\n${forbid};`, /without @id/, 4, null],
  ['an empty id', `${good}\n@id("")\n${forbid};`, /without @id/, 4, null],
  ['an id without a value', `${good}\n@id\n${forbid};`, /without @id/, 4, null],
  ['an id with a space', `@id("a b") ${forbid};`, /not an id/, 1, null],
  ['a duplicate id', `${good}\n@id("good")\n${forbid};`, /taken by planted.cedar:1/, 4, 'good'],
  ['two ids on one policy', `${good}@id("b")\n@id("c")\n${forbid};`, /duplicate annotation/, 4, null],
  ['a template', `${good}@id("t")\npermit (principal == ?principal, action, resource);`, /template/, 3, null],
  ['no policy in a file', '// permit all\n', /no policy in the file/, 0, null],
  ['an unknown attribute', `${good}@id("u")\n${forbid}\nwhen { resource.owner == "x" };`, /owner/, 5, 'u'],
  ['an unguarded optional fact', `@id("u")\n${forbid}\nunless { context.checks_ok };`, /checks_ok/, 3, 'u'],
  ['an unknown action', '@id("u")\npermit (principal, action == Action::"wipe", resource);', /wipe/, 2, 'u'],
  ['a misspelt tier', `@id("u")\n${forbid}\nwhen { resource.tier == Tier::"production" };`, /production/, 3, 'u'],
  ['a tier as text', `@id("u")\n${forbid}\nwhen { resource.tier == "prod" };`, /String and Tier/, 3, 'u'],
  ['a policy that never applies', `${good}@id("u")\n${forbid} when { false };`, /impossible/, 3, 'u'],
  ['mixed scripts', `@id("u")\n${forbid}\nwhen { resource.project == "p\u0430ypal" };`, /mixed scripts/, 3, 'u'],
  [
    'an obligation on a permit',
    `@id("u") @obligation("confirm") permit (principal, action, resource)
    unless { context.confirmed };`,
    /obligation on a permit/,
    1,
    'u',
  ],
  ['an unknown obligation', `@id("u") @obligation("pray") ${forbid} unless { context.confirmed };`, /pray/, 1, 'u'],
  ['an obligation without a word', `@id("u") @obligation ${forbid} unless { context.confirmed };`, /unknown/, 1, 'u'],
  [
    'approval by nobody',
    `@id("u") @obligation("approve:0") ${forbid} unless { context.approvals >= 0 };`,
    /approve:0/,
    1,
    'u',
  ],
  ['an obligation on a bare forbid', `@id("u") @obligation("confirm") ${forbid};`, /does not lift/, 1, 'u'],
  [
    'an obligation in a when',
    `@id("u") @obligation("confirm") ${forbid} when { !context.confirmed };`,
    /not lift/,
    1,
    'u',
  ],
  [
    'another fact than the obligation',
    `@id("u") @obligation("confirm") ${forbid} unless { context.planned };`,
    /not lift/,
    1,
    'u',
  ],
  [
    'fewer approvals than the obligation',
    `@id("u") @obligation("approve:2") ${forbid} unless { context.approvals >= 1 };`,
    /not lift/,
    1,
    'u',
  ],
  [
    'more than the obligation',
    `@id("u") @obligation("step_up") ${forbid} unless { context.step_up && context.planned };`,
    /not lift/,
    1,
    'u',
  ],
  [
    'another group than the obligation',
    `@id("u") @obligation("approve:1:dba") ${forbid} unless { context.approved_by.contains("security:1") };`,
    /not lift/,
    1,
    'u',
  ],
  [
    'fewer of a group than the obligation',
    `@id("u") @obligation("approve:2:dba") ${forbid} unless { context.approved_by.contains("dba:1") };`,
    /not lift/,
    1,
    'u',
  ],
  [
    'a group that is no name',
    `@id("u") @obligation("approve:2:d b") ${forbid} unless { context.approved_by.contains("d b:2") };`,
    /approve:2:d b/,
    1,
    'u',
  ],
  [
    'a second unless',
    `@id("u") @obligation("confirm") ${forbid} unless { context.confirmed } unless { context.solo };`,
    /not lift/,
    1,
    'u',
  ],
])('refuses %s', (_what, text, problem, line, policyId) => {
  const outcome = load(text);
  expect(outcome).toMatchObject({ ok: false, code: 'E_CONFIG' });
  const problems = outcome.ok ? [] : outcome.problems;
  const found = problems.find((one) => problem.test(one.problem));
  expect(found, JSON.stringify(problems)).toMatchObject({
    file: 'planted.cedar',
    line: line === 0 ? null : line,
    policyId,
  });
  expect(found?.expected).not.toBe('');
});

test.each(['confirm', 'step_up', 'approve:1', 'approve:99'])('takes obligation %s on the forbid it lifts', (word) => {
  const count = /\d+/.exec(word)?.[0];
  const fact = count ? `(context.approvals >= ${count})` : word === 'confirm' ? 'context.confirmed' : 'context.step_up';
  const outcome = load(`@id("o") @obligation("${word}") ${forbid} unless { ${fact} };`);
  const [kind] = word.split(':');
  expect(outcome.ok && outcome.value.policies.get('o')?.obligation).toEqual(
    count ? { kind, count: Number(count) } : { kind },
  );
});

test('takes approval by a group on the forbid it lifts', () => {
  const text = `@id("o") @obligation("approve:2:dba") ${forbid} unless { context.approved_by.contains("dba:2") };`;
  const outcome = load(text);
  expect(outcome.ok && outcome.value.policies.get('o')?.obligation).toEqual({
    kind: 'approve',
    count: 2,
    group: 'dba',
  });
});
