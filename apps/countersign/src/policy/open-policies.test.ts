import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PolicyQuestion } from '@countersign/kernel';
import { tempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { openPolicies } from './open-policies.ts';

const question: PolicyQuestion = {
  phase: 'run',
  principal: { id: 'p', name: 'ada', kind: 'person', role: 'actions', root: 'ada', ai: false },
  target: { name: 'shop', project: 'shop', environment: 'dev', tier: 'dev', connector: 'repo' },
  actions: [{ name: 'repo.write_files', effect: 'write', risk: 'low', inputs: {} }],
  planned: true,
  checksOk: true,
  approvals: [],
  aiProposed: false,
  frozen: false,
  inWindow: true,
  breakGlass: false,
};
const forbidAll = '@id("all") @reason("Nothing today.") forbid (principal, action, resource);';
const shippedAlone = { profile: 'standard', folder: null, allowActions: null } as const;

function withFolder(files: Readonly<Record<string, string>>) {
  const folder = tempFolder();
  const put = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  for (const [name, text] of Object.entries(files)) put(name, text);
  return { folder, put, source: { profile: 'standard', folder, allowActions: null } as const };
}

describe("policies of an operator's own", () => {
  it('are added to the shipped ones, and one with the name of a shipped file takes its place', () => {
    const { source } = withFolder({ 'own.cedar': forbidAll, 'read me.txt': 'no policy' });
    const added = openPolicies(source);
    expect(added.decider.decide(question)).toMatchObject({ decision: 'deny', policies: [{ id: 'all' }] });
    const shipped = openPolicies(shippedAlone);
    expect(added.policies.list().length).toBe(shipped.policies.list().length + 1);
    expect(added.decider.version).not.toBe(shipped.decider.version);
    const replaced = openPolicies(withFolder({ 'run.cedar': forbidAll }).source);
    expect(replaced.policies.list().map(({ id }) => id)).not.toContain('run-with-role');
    expect(replaced.policies.list().find(({ id }) => id === 'all')).toMatchObject({ file: 'run.cedar', line: 1 });
  });

  it('that are not valid stop the start, with file and line; so does a schema among them, and a folder that is not there', () => {
    const refused = (files: Readonly<Record<string, string>>) => () => openPolicies(withFolder(files).source);
    expect(refused({ 'own.cedar': `\n${forbidAll.replace('action', 'acton')}` })).toThrow(/own\.cedar:2/);
    expect(refused({ 'own.cedar': forbidAll.replace('"all"', '"run-with-role"') })).toThrow(/taken by run\.cedar/);
    expect(refused({ 'my.cedarschema': 'entity X;' })).toThrow(/2 schemas/);
    expect(() => openPolicies({ ...shippedAlone, folder: '/nowhere/at/all' })).toThrow(/ENOENT/);
  });

  it('are taken over when they are valid; the set before decides no more, equal files change nothing', () => {
    const { put, source } = withFolder({});
    const opened = openPolicies(source);
    const before = opened.decider.version;
    expect(opened.policies.reload()).toEqual({ kind: 'same' });
    expect(opened.decider.decide(question).decision).toBe('allow');
    put('own.cedar', forbidAll);
    const read = opened.policies.reload();
    const { version: stricter } = opened.decider;
    expect(read).toEqual({ kind: 'changed', from: before, to: stricter });
    expect(opened.decider.decide(question)).toMatchObject({ decision: 'deny', policy_set: stricter });
    expect(opened.policies.reload()).toEqual({ kind: 'same' });
    rmSync(join(source.folder, 'own.cedar'));
    expect(opened.policies.reload()).toEqual({ kind: 'changed', from: stricter, to: before });
    expect(opened.decider.decide(question).decision).toBe('allow');
  });

  it('that are not valid change nothing, are told once and stay told until they are mended', () => {
    const { put, source, folder } = withFolder({ 'own.cedar': forbidAll });
    const opened = openPolicies(source);
    const { version } = opened.decider;
    put('own.cedar', `${forbidAll}\n@id("b") permit (principal, action, resource) when { resource.owner == "x" };`);
    expect(opened.policies.reload()).toMatchObject({
      kind: 'refused',
      faults: [{ file: 'own.cedar', policy: 'b', line: 2 }],
    });
    expect(opened.policies.reload()).toEqual({ kind: 'same' });
    expect(opened.policies.faults()).toHaveLength(1);
    expect(opened.decider.decide(question)).toMatchObject({ policies: [{ id: 'all' }], policy_set: version });
    put('own.cedar', 'permit (');
    expect(opened.policies.reload()).toMatchObject({ kind: 'refused', faults: [{ file: 'own.cedar' }] });
    put('own.cedar', forbidAll);
    expect(opened.policies.reload()).toEqual({ kind: 'same' });
    expect(opened.policies.faults()).toEqual([]);
    renameSync(folder, `${folder}-gone`);
    expect(opened.policies.reload()).toMatchObject({ kind: 'refused', faults: [{ file: folder, line: null }] });
    expect(opened.decider.decide(question).decision).toBe('deny');
    mkdirSync(folder);
    expect(opened.policies.reload()).toMatchObject({ kind: 'changed', from: version });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are taken over only as they were looked at, where somebody says as what', () => {
    const { put, source, folder } = withFolder({});
    const { policies, decider } = openPolicies(source);
    const seen = policies.look();
    expect(seen).toBe(decider.version);
    put('own.cedar', forbidAll);
    expect(policies.reload(seen)).toEqual({ kind: 'same' });
    expect(decider.decide(question).decision).toBe('allow');
    expect(policies.reload(policies.look())).toMatchObject({ kind: 'changed', from: seen });
    put('own.cedar', 'permit (');
    const broken = policies.look();
    expect(policies.reload(broken)).toMatchObject({ kind: 'refused' });
    renameSync(folder, `${folder}-gone`);
    expect(policies.reload(broken)).toEqual({ kind: 'same' });
    expect(policies.look()).toContain('ENOENT');
    expect(policies.reload(policies.look())).toMatchObject({ kind: 'refused', faults: [{ file: folder }] });
  });

  it('two that are opened of one folder do not take each other’s set away', () => {
    const { put, source } = withFolder({ 'own.cedar': forbidAll });
    const [one, two] = [openPolicies(source), openPolicies(source)];
    put('own.cedar', forbidAll.replace('"all"', '"every"'));
    expect(one.policies.reload().kind).toBe('changed');
    const asked = { ...question, principal: { ...question.principal, id: 'never-asked-before' } };
    expect(two.decider.decide(asked)).toMatchObject({ policies: [{ id: 'all' }] });
    expect(one.decider.decide(asked)).toMatchObject({ policies: [{ id: 'every' }] });
  });
});

describe('allowed actions', () => {
  const decided = (allowActions: readonly string[], name: string, phase: PolicyQuestion['phase'] = 'propose') => {
    const actions = question.actions.map((action) => ({ ...action, name }));
    const { decision, policies } = openPolicies({ ...shippedAlone, allowActions }).decider.decide({
      ...question,
      phase,
      actions,
    });
    return decision === 'deny' ? policies.map(({ id }) => id).join() : decision;
  };

  it('are allowed by name or by their beginning, and nothing else is (IP-6)', () => {
    const list = ['gmail.send', 'repo.*'];
    for (const name of ['gmail.send', 'repo.write_files', 'repo.delete_files'])
      expect(decided(list, name)).toBe('allow');
    for (const name of ['gmail.send_all', 'gmail', 'repository.write', 'repo', 'outlook.send'])
      expect(decided(list, name)).toBe('allow-actions');
    expect(decided(list, 'outlook.send', 'run')).toBe('allow-actions');
  });

  it('an empty list allows none', () => {
    expect(decided([], 'repo.write_files')).toBe('allow-actions');
  });
});
