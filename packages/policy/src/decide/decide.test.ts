import { schemaToJson } from '@cedar-policy/cedar-wasm/nodejs';
import { Effect, PrincipalKind, Risk, Role, Tier, Verdict } from '@countersign/protocol';
import { expect, test } from 'vitest';
import type { RecordedApproval } from '../approvals/count-quorum.ts';
import { releasePolicySet } from '../load/load-policy-set.ts';
import { readPolicyFiles } from '../load/read-policy-files.ts';
import { decide } from './decide.ts';
import { ada, afterStepUp, by, inTier, only, question, shipped, withEffect } from './question.fixture.ts';

const permit = '@id("permit") permit (principal, action, resource);';
test('allow names the permits with their exact text', () => {
  expect(decide(only(permit), question)).toMatchObject({
    decision: 'allow',
    obligations: [],
    policies: [{ id: 'permit', text: permit, effect: 'permit' }],
  });
});

test('no deciding policy denies', () => {
  const set = only('@id("reads") permit (principal, action == Action::"read", resource);');
  expect(decide(set, question)).toMatchObject({ decision: 'deny', policies: [], obligations: [] });
});

test('no steps, a question outside the schema and an unprepared set deny', () => {
  const set = only('@id("permit") permit (principal, action, resource) when { context.planned };');
  expect(decide(set, { ...question, steps: [] }).decision).toBe('deny');
  expect(decide(set, { ...question, approvals: [], planned: JSON.parse('"yes"') })).toMatchObject({ decision: 'deny' });
  const strange = { ...question, target: { ...question.target, tier: JSON.parse('"moon"') } };
  expect(decide(set, strange).reason).toContain('knows no Tier::"moon"');
  expect(decide({ ...set, slices: new Map() }, question).decision).toBe('deny');
  releasePolicySet(set);
  expect(decide(set, inTier('stage')).decision).toBe('deny');
});

test('one bare forbid among obligations denies', () => {
  const set = only(`${permit}
    @id("confirm") @obligation("confirm") forbid (principal, action, resource) unless { context.confirmed };
    @id("never") forbid (principal, action, resource) when { context.action == "docker.restart" };`);
  expect(decide(set, question)).toMatchObject({
    decision: 'deny',
    obligations: [],
    policies: [{ id: 'confirm' }, { id: 'never' }],
    reason: 'Denied: docker.restart is forbidden by never.',
  });
});

test('nobody is asked to approve what no policy permits', () => {
  const viewer = { ...inTier('prod'), principal: { ...ada, role: 'viewer' as const } };
  expect(decide(shipped('standard'), viewer)).toMatchObject({ decision: 'deny', obligations: [] });
});

const graded = `${permit}
  @id("z-write") @obligation("approve:1") forbid (principal, action == Action::"write", resource) unless { context.approvals >= 1 };
  @id("a-destroy") @obligation("approve:2") forbid (principal, action == Action::"destructive", resource) unless { context.approvals >= 2 };
  @id("m-step") @obligation("step_up") forbid (principal, action == Action::"destructive", resource) unless { context.step_up };
  @id("c-confirm") @obligation("confirm") forbid (principal, action == Action::"write", resource) unless { context.confirmed };`;
const write = { name: 'docker.restart', effect: 'write', risk: 'low', inputs: {} } as const;
const destroy = { name: 'docker.remove', effect: 'destructive', risk: 'high', inputs: {} } as const;
const read = { name: 'docker.logs', effect: 'read', risk: 'low', inputs: {} } as const;

test('needs joins the obligations of all steps, with the largest approval count, in one order', () => {
  const set = only(graded);
  const expected = {
    decision: 'needs',
    obligations: [{ kind: 'confirm' }, { kind: 'approve', count: 2 }, { kind: 'step_up' }],
    policies: [{ id: 'a-destroy' }, { id: 'c-confirm' }, { id: 'm-step' }, { id: 'z-write' }],
  };
  expect(decide(set, { ...question, steps: [write, destroy, read, write] })).toMatchObject(expected);
  expect(decide(set, { ...question, steps: [destroy, read, write] })).toMatchObject(expected);
});

test('only what is still open is asked for, and meeting all of it allows', () => {
  const set = only(graded);
  const steps = [write, destroy];
  const part = { ...question, steps, approvals: [by('bob'), by('ada', 'confirm')].map(afterStepUp) };
  expect(decide(set, part).obligations).toEqual([{ kind: 'approve', count: 2 }]);
  expect(decide(set, { ...part, approvals: [...part.approvals, by('eve')] }).decision).toBe('needs');
  expect(decide(set, { ...part, approvals: [...part.approvals, afterStepUp(by('eve'))] }).decision).toBe('allow');
});

test('a denied step denies the operation and alone is told', () => {
  const set = only(
    `${graded} @id("no") forbid (principal, action, resource) when { context.action == "docker.prune" };`,
  );
  const prune = { name: 'docker.prune', effect: 'read', risk: 'low', inputs: {} } as const;
  expect(decide(set, { ...question, steps: [write, prune, destroy] })).toMatchObject({
    decision: 'deny',
    obligations: [],
    policies: [{ id: 'no' }],
  });
});

test('every fact reaches the policies', () => {
  const told = [
    'principal.name == "ada" && principal.kind == Kind::"person" && principal.role == Role::"actions" && !principal.ai',
    'principal.root == "ada" && principal == Principal::"p-ada" && resource == Target::"shop"',
    'resource.project == "store" && resource.environment == "shop-dev" && resource.connector == "docker"',
    'context.action == "docker.restart" && context.risk == Risk::"medium" && context.phase == Phase::"run"',
    'context.planned && context has checks_ok && context.checks_ok && context.approvals == 1 && context.confirmed',
    'context.ai_proposed && !context.solo && resource.tier == Tier::"dev"',
    'context.frozen && !context.in_window && context.break_glass && !context.step_up',
    'context.inputs.numbers.getTag("replicas") == 3 && context.inputs.texts.getTag("image") == ["shop:1"]',
  ];
  const asked = {
    ...{ ...question, approvals: [by('bob'), by('ada', 'confirm')], aiProposed: true },
    ...{ frozen: true, inWindow: false, breakGlass: true },
    steps: question.steps.map((step) => ({ ...step, inputs: { replicas: 3, image: 'shop:1' } })),
  };
  for (const fact of told) {
    const guard = fact.includes('getTag')
      ? 'context.inputs.numbers.hasTag("replicas") && context.inputs.texts.hasTag("image") && '
      : '';
    const set = only(`@id("f") permit (principal, action, resource) when { ${guard}${fact} };`);
    expect(decide(set, asked).decision, fact).toBe('allow');
  }
  const unchecked = only('@id("f") permit (principal, action, resource) unless { context has checks_ok };');
  expect(decide(unchecked, { ...question, checksOk: null }).decision).toBe('allow');
});

test('verdicts fit the protocol and come out the same each time', () => {
  const set = only(graded);
  for (const asked of [question, withEffect('destructive'), withEffect('read'), { ...question, steps: [] }]) {
    const verdict = decide(set, asked);
    expect(Verdict.parse(verdict)).toEqual(verdict);
    expect(JSON.stringify(decide(set, asked))).toBe(JSON.stringify(verdict));
  }
});

test('the words of the schema are the words of the protocol', () => {
  const text = readPolicyFiles('standard').find(({ name }) => name.endsWith('.cedarschema'))?.text ?? '';
  const answer = schemaToJson(text);
  const types = answer.type === 'success' ? answer.json['']?.entityTypes : undefined;
  expect(types).toMatchObject({
    Kind: { enum: PrincipalKind.options },
    Role: { enum: Role.options },
    Tier: { enum: Tier.options },
    Risk: { enum: Risk.options },
    Phase: { enum: ['propose', 'run', 'read', 'approve'] },
  });
  const actions = answer.type === 'success' ? Object.keys(answer.json['']?.actions ?? {}) : [];
  expect(actions.filter((name) => name !== 'mutate').sort()).toEqual(['approve', ...Effect.options].sort());
});

const wantsGroups = only(`${permit}
  @id("dba") @obligation("approve:1:dba")
  forbid (principal, action, resource) unless { context.approved_by.contains("dba:1") };
  @id("security") @obligation("approve:2:security")
  forbid (principal, action == Action::"destructive", resource) unless { context.approved_by.contains("security:2") };`);

test('groups are asked together, and one person stands for one of them', () => {
  const asked = withEffect('destructive');
  const dba = { kind: 'approve', count: 1, group: 'dba' };
  const security = { kind: 'approve', count: 2, group: 'security' };
  const open = (...approvals: RecordedApproval[]) => decide(wantsGroups, { ...asked, approvals }).obligations;
  expect(open()).toEqual([dba, security]);
  expect(open(by('bob', 'approve', ['dba', 'security']), by('eve', 'approve', ['security']))).toEqual([security]);
  expect(open(by('eve', 'approve', ['security']), by('mia', 'approve', ['security']))).toEqual([dba]);
  expect(open(by('ada', 'approve', ['dba']), by('bob', 'approve', ['ops']))).toEqual([dba, security]);
  const three = [
    by('bob', 'approve', ['dba', 'security']),
    by('eve', 'approve', ['security']),
    by('mia', 'approve', ['security']),
  ];
  expect(decide(wantsGroups, { ...asked, approvals: three }).decision).toBe('allow');
  expect(decide(wantsGroups, { ...withEffect('write'), approvals: [by('bob', 'approve', ['dba'])] }).decision).toBe(
    'allow',
  );
});

test('where a step-up is wanted only decisions right after one count, for everything', () => {
  const set = only(`${permit}
    @id("two") @obligation("approve:2") forbid (principal, action, resource) unless { context.approvals >= 2 };
    @id("fresh") @obligation("step_up") forbid (principal, action, resource) unless { context.step_up };`);
  const open = (...approvals: RecordedApproval[]) => decide(set, { ...question, approvals }).obligations;
  const all = [{ kind: 'approve', count: 2 }, { kind: 'step_up' }];
  expect(open(by('bob'), by('eve'))).toEqual(all);
  expect(open(by('bob'), afterStepUp(by('eve')))).toEqual([{ kind: 'approve', count: 2 }]);
  expect(open(afterStepUp(by('bob')), afterStepUp(by('eve')))).toEqual([]);
  expect(open(afterStepUp({ ...by('bob'), state: 'expired' }))).toEqual(all);
});
