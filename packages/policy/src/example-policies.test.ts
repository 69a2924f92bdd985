import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decide } from './decide/decide.ts';
import { afterStepUp, by, inTier, question, shipped, withEffect } from './decide/question.fixture.ts';
import type { Question } from './decide/question.ts';
import { shippedPolicies } from './load/read-policy-files.ts';

const folder = new URL('examples/', shippedPolicies);
const example = (name: string) => ({ name, text: readFileSync(new URL(name, folder), 'utf8') });

test('every example loads beside the shipped policies of both profiles', () => {
  const files = readdirSync(folder).map(example);
  expect(files.map(({ name }) => name)).toEqual(['arguments.cedar', 'groups.cedar', 'step-up.cedar']);
  for (const profile of ['standard', 'solo'] as const)
    expect(shipped(profile, files).policies.size).toBeGreaterThan(12);
});

const withArguments = shipped('standard', [example('arguments.cedar')]);
const ask = (name: string, inputs: Question['steps'][number]['inputs'], asked = question): string => {
  const steps = [{ name, effect: 'write', risk: 'low', inputs } as const];
  const { decision, policies } = decide(withArguments, { ...asked, steps });
  return decision === 'deny' ? `deny ${policies.map(({ id }) => id).join()}` : decision;
};

test.each<[what: string, inputs: Question['steps'][number]['inputs'], allowed: boolean]>([
  ['ten', { replicas: 10 }, true],
  ['one', { replicas: 1 }, true],
  ['eleven', { replicas: 11 }, false],
  ['a little more than ten', { replicas: 10.000001 }, false],
  ['none', { replicas: 0 }, false],
  ['a negative number', { replicas: -3 }, false],
  ['more than Cedar counts', { replicas: 1e300 }, false],
  ['a text', { replicas: '3' }, false],
  ['a list with one too many', { replicas: [3, 400, 2] }, false],
  ['nothing said', {}, false],
  ['a number of another name', { spec: { replicas: 3 } }, false],
])('replicas <= 10: %s', (_what, inputs, allowed) => {
  expect(ask('k8s.scale', inputs)).toBe(allowed ? 'allow' : 'deny replicas-at-most-10');
});

test.each<[what: string, to: Question['steps'][number]['inputs'][string], allowed: boolean]>([
  ['one of ours', 'bob@example.org', true],
  ['ours in capitals and with a name', 'Bob <BOB@Example.ORG>', true],
  ['a list of ours', ['bob@example.org', 'eve@mail.example.org'], true],
  ['one foreign among ours', ['bob@example.org', 'eve@evil.example'], false],
  ['two in one text', 'bob@example.org, eve@evil.example', false],
  ['a domain that only ends like ours', 'bob@notexample.org', false],
  ['a domain that only begins like ours', 'bob@example.org.evil.example', false],
  ['a quoted local part', '"bob@example.org"@evil.example', false],
  ['a comment behind', 'eve@evil.example(@example.org)', false],
  ['letters that look alike', 'bob@ex\u0430mple.org', false],
  ['a trailing dot', 'bob@example.org.', false],
  ['no address', 'everybody', false],
  ['nothing', '', false],
  ['a sealed value', { $sealed: 'x' }, false],
  ['parts of a sealed value', { $sealed_parts: ['bob@example.org', { $sealed: 'x' }] }, false],
  ['too long a text', `${'bob@example.org,'.repeat(300)}bob@example.org`, false],
  ['an address in an object', { address: 'bob@example.org' }, false],
])('recipients of our domain: %s', (_what, to, allowed) => {
  expect(ask('gmail.send', { to })).toBe(allowed ? 'allow' : 'deny mail-to-our-domain');
});

test('files outside of a list are not written, whatever stands beside them', () => {
  const site: Question = { ...question, target: { ...question.target, project: 'site' } };
  const write = (...paths: string[]) => ask('repo.write_files', { files: paths.map((path) => ({ path })) }, site);
  expect(write('README.md', 'CHANGELOG.md')).toBe('allow');
  for (const path of ['src/main.ts', 'a/'.repeat(300), '']) {
    expect(write('README.md', path)).toBe('deny write-listed-files-only');
  }
});

test('a flag is read, in lists too, and other actions are left alone', () => {
  const prod: Question = { ...inTier('prod'), approvals: [by('bob')] };
  expect(ask('docker.remove', { force: true }, prod)).toBe('deny no-forced-removal');
  expect(ask('docker.remove', { force: [false, true, false] }, prod)).toBe('deny no-forced-removal');
  expect(ask('docker.remove', { force: false }, prod)).toBe('allow');
  expect(ask('docker.remove', {}, prod)).toBe('allow');
  expect(ask('docker.restart', { replicas: 99, to: 'eve@evil.example' })).toBe('allow');
});

test('two groups are three people', () => {
  const set = shipped('standard', [example('groups.cedar')]);
  const asked: Question = withEffect('destructive', inTier('prod'));
  const members = ['bob', 'eve', 'mia'].map((root) => by(root, 'approve', ['security', 'owners']));
  expect(decide(set, { ...asked, approvals: members.slice(1) }).decision).toBe('needs');
  expect(decide(set, { ...asked, approvals: members }).decision).toBe('allow');
});

test('a step-up in prod', () => {
  const set = shipped('standard', [example('step-up.cedar')]);
  expect(decide(set, { ...inTier('prod'), approvals: [by('bob')] }).obligations).toEqual([
    { kind: 'approve', count: 1 },
    { kind: 'step_up' },
  ]);
  expect(decide(set, { ...inTier('prod'), approvals: [afterStepUp(by('bob'))] }).decision).toBe('allow');
});
