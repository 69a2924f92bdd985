import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { checkPolicies } from './check-policies.ts';
import { initPolicies } from './init-policies.ts';
import { explainPolicies, testPolicies } from './test-policies.ts';

const cases = `cases:
  - name: a person changes dev
    action: repo.write_files
    target: dev
    expect: {verdict: allow}
  - name: an AI changes prod
    principal: {kind: agent, root: ada}
    action: repo.write_files
    target: {tier: prod, project: shop}
    expect: {verdict: needs, obligations: [confirm, "approve:1"], policies: [ai-confirm, prod-approval]}
  - name: what an AI proposed, confirmed and approved
    principal: {kind: agent, root: ada}
    action: repo.write_files
    target: prod
    decisions: [{kind: confirm, by: ada, role: actions}, {by: bob}]
    expect: {verdict: allow}
  - name: a viewer
    principal: {role: viewer}
    action: repo.write_files
    target: dev
    phase: propose
    expect: {verdict: deny}
  - name: frozen
    action: repo.write_files
    target: dev
    frozen: true
    expect: {verdict: deny, policies: [no-run-while-frozen]}
`;

function here(table = cases) {
  const cwd = tempFolder();
  writeFileSync(join(cwd, 'cases.yaml'), table);
  const write = (folder: string, name: string, text: string): void => {
    mkdirSync(join(cwd, folder), { recursive: true });
    writeFileSync(join(cwd, folder, name), text);
  };
  return { cwd, write, host: { env: {}, cwd } };
}

describe('countersign policy test', () => {
  it('asks every question of the table and says which verdicts are others than expected', () => {
    const { host } = here();
    const report = testPolicies(host, { file: 'cases.yaml' });
    expect(report.cases.map(({ name, ok }) => [name, ok])).toEqual([
      ['a person changes dev', true],
      ['an AI changes prod', true],
      ['what an AI proposed, confirmed and approved', true],
      ['a viewer', true],
      ['frozen', true],
    ]);
    const wrong = here(cases.replace('verdict: allow}', 'verdict: deny}').replace('"approve:1"', '"approve:2"'));
    expect(testPolicies(wrong.host, { file: 'cases.yaml' }).cases.map(({ ok }) => ok)).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  it('shows what a change that loosens for AI in prod would change (DO-10)', () => {
    const { host, write } = here();
    write(
      'loose',
      'ai.cedar',
      '@id("ai-anything") @reason("AI may.") permit (principal, action in Action::"mutate", resource) when { principal.ai && context.phase == Phase::"run" };',
    );
    write(
      'loose',
      'approval.cedar',
      `@id("prod-approval") @reason("People only.") @obligation("approve:1")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" && !principal.ai }
unless { context.approvals >= 1 };`,
    );
    const report = testPolicies(host, { file: 'cases.yaml', folder: 'loose', against: 'shipped' });
    expect(report.version).not.toBe(report.against);
    expect(report.cases.filter(({ changed }) => changed)).toMatchObject([
      {
        name: 'an AI changes prod',
        ok: false,
        before: { verdict: 'needs', obligations: ['confirm', 'approve:1'], policies: ['ai-confirm', 'prod-approval'] },
        got: { verdict: 'allow', obligations: [] },
      },
    ]);
  });

  it.each([
    ['a field that is none', cases.replace('target: dev', 'taget: dev'), /cases\.yaml:\d+: cases\.0/],
    ['a tier that is none', cases.replace('target: dev', 'target: production'), /cases\.yaml:4: cases\.0\.target/],
    [
      'an obligation that is none',
      cases.replace('"approve:1"', 'pray'),
      /cases\.yaml:10: cases\.1\.expect\.obligations\.1: expected confirm/,
    ],
    ['no YAML', 'cases: [', /cases\.yaml:\d+: /],
    ['no cases', 'cases: []', /cases\.yaml:1: cases/],
  ])('names file and line of %s', (_what, table, message) => {
    expect(() => testPolicies(here(table).host, { file: 'cases.yaml' })).toThrow(message);
  });
});

describe('countersign policy init, check and explain', () => {
  it('init writes the shipped files, over nothing, and they are what is shipped', () => {
    const { host, cwd } = here();
    const written = initPolicies(host, { force: false });
    expect(written).toContain(join(cwd, 'policies', 'approval.cedar'));
    expect(() => initPolicies(host, { force: false })).toThrow(/is there already/);
    expect(initPolicies(host, { force: true })).toEqual(written);
    expect(readdirSync(join(cwd, 'policies')).every((name) => name.endsWith('.cedar'))).toBe(true);
    const shipped = checkPolicies(host, {});
    expect(checkPolicies(host, { folder: 'policies' })).toMatchObject({ version: shipped.version, faults: [] });
    initPolicies(host, { folder: 'alone', force: false, profile: 'solo' });
    expect(readFileSync(join(cwd, 'alone', 'approval.cedar'), 'utf8')).toContain('solo-prod-approval');
  });

  it('check names every fault by file and line', () => {
    const { host, write, cwd } = here();
    write('own', 'a.cedar', '\npermit (principal, action, resource);');
    write(
      'own',
      'b.cedar',
      '@id("b") permit (principal, action, resource) when { resource.tier == Tier::"production" };',
    );
    const report = checkPolicies(host, { folder: 'own' });
    expect(report.version).toBeNull();
    expect(report.faults.map(({ file, line, policy }) => [file, line, policy])).toEqual([
      [join(cwd, 'own', 'a.cedar'), 2, null],
      [join(cwd, 'own', 'b.cedar'), 1, 'b'],
    ]);
    expect(() => checkPolicies(host, { folder: 'nowhere' })).toThrow(/nowhere/);
  });

  it('means the policies of the configuration that is here', () => {
    const { host, write, cwd } = here();
    write('own', 'all.cedar', '@id("all") @reason("No.") forbid (principal, action, resource);');
    const target = { name: 'a', project: 'p', environment: 'dev', connector: 'repo' };
    const config = { profile: 'solo', policies: { folder: 'own', allow_actions: ['repo.*'] }, targets: [target] };
    writeFileSync(join(cwd, 'countersign.yaml'), JSON.stringify(config));
    expect(checkPolicies(host, {})).toMatchObject({ profile: 'solo', folder: join(cwd, 'own'), faults: [] });
    const question = {
      principal: { name: 'x', kind: 'person', role: 'actions' },
      action: 'repo.write_files',
      effect: 'write',
      tier: 'dev',
    } as const;
    expect(explainPolicies(host, question)).toMatchObject({
      verdict: { decision: 'deny', policies: [{ id: 'all' }], profile: 'solo' },
      explanation: expect.stringContaining('- all: No.'),
    });
    expect(explainPolicies(host, { ...question, folder: 'shipped' }).verdict.decision).toBe('allow');
    expect(
      explainPolicies(host, { ...question, action: 'docker.restart' }).verdict.policies.map(({ id }) => id),
    ).toEqual(['all', 'allow-actions']);
  });
});
