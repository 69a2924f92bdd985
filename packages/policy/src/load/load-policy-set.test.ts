import fc from 'fast-check';
import { expect, test } from 'vitest';
import { loadPolicySet } from './load-policy-set.ts';
import type { PolicyFile, PolicyLoadOutcome, PolicyProblem } from './policy-set.ts';
import { readPolicyFiles } from './read-policy-files.ts';

const shippedFiles = readPolicyFiles('standard');
const schema = shippedFiles.filter(({ name }) => name.endsWith('.cedarschema'));
const good = '@id("good")\npermit (principal, action, resource);\n';

function load(text: string, more: readonly PolicyFile[] = []): PolicyLoadOutcome {
  return loadPolicySet([...schema, { name: 'planted.cedar', text }, ...more], 'standard');
}
function problems(outcome: PolicyLoadOutcome): readonly PolicyProblem[] {
  return outcome.ok ? [] : outcome.problems;
}

test('the planted set without a fault loads', () => {
  expect(load(good).ok).toBe(true);
});

const forbid = 'forbid (principal, action, resource)';
test('refuses an id that two files share, and names both', () => {
  const [found] = problems(load(good, [{ name: 'z.cedar', text: good }]));
  expect(found).toMatchObject({
    file: 'z.cedar',
    policyId: 'good',
    problem: expect.stringContaining('planted.cedar:1'),
  });
});

test('refuses no policies, no schema, two schemas, a broken schema and a file of another kind', () => {
  const told = (files: PolicyFile[]) => problems(loadPolicySet(files, 'standard')).map(({ problem }) => problem);
  expect(told([])).toEqual(['0 schemas', 'no policies']);
  expect(told([...schema])).toEqual(['no policies']);
  expect(told([{ name: 'a.cedar', text: good }])).toEqual(['0 schemas']);
  expect(told([...schema, ...schema, { name: 'a.cedar', text: good }])).toEqual(['2 schemas']);
  expect(told([...schema, { name: 'a.cedar', text: good }, { name: 'a.cedar.bak', text: good }])).toEqual([
    'not a policy file',
  ]);
  const broken = loadPolicySet(
    [
      { name: 's.cedarschema', text: '\nentity X {' },
      { name: 'a.cedar', text: good },
    ],
    'solo',
  );
  expect(problems(broken)).toMatchObject([{ file: 's.cedarschema', line: 2 }]);
});

test('tells every problem of a set at once', () => {
  const outcome = load(`${forbid};\n@id("u") ${forbid} when { context.nope };`, [
    { name: 'z.cedar', text: 'permit (' },
  ]);
  expect(new Set(problems(outcome).map(({ file, policyId }) => `${file} ${policyId}`))).toEqual(
    new Set(['planted.cedar null', 'planted.cedar u', 'z.cedar null']),
  );
});

test('keeps exact text, file and line of each policy', () => {
  const text = '@id("a")\r\nforbid (principal, action, resource)\r\nwhen { // why\r\n  principal.ai\r\n};';
  const outcome = load(`${good}\r\n// before\r\n${text}\r\n`);
  expect(outcome.ok && outcome.value.policies.get('a')).toMatchObject({ text, file: 'planted.cedar', line: 5 });
});

test('the version depends on the texts alone', () => {
  const version = (files: readonly PolicyFile[]) => {
    const outcome = loadPolicySet(files, 'standard');
    return outcome.ok ? outcome.value.version : '';
  };
  const before = version(shippedFiles);
  expect(before).toMatch(/^sha256:[0-9a-f]{64}$/);
  expect(version([...shippedFiles].reverse().map((file) => ({ ...file, name: `x-${file.name}` })))).toBe(before);
  for (const { name } of shippedFiles) {
    const edited = shippedFiles.map((file) =>
      file.name === name ? { ...file, text: `${file.text}\n// edited` } : file,
    );
    expect(version(edited), name).not.toBe(before);
  }
});

test('no text makes a load throw', () => {
  const piece = fc.constantFrom(
    '@id("a")',
    '@obligation("confirm")',
    'forbid',
    'permit',
    '(principal, action, resource)',
    ' unless { context.confirmed }',
    ';',
    '{',
    '"',
    '?principal',
    '\u{1F600}',
    '//',
    '\n',
    '__proto__',
  );
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(piece, { maxLength: 12 }).map((pieces) => pieces.join(' ')),
  );
  fc.assert(
    fc.property(text, (planted) => typeof load(planted).ok === 'boolean'),
    { numRuns: 150 },
  );
});
