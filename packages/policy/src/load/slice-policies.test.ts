import { isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import { Effect, PrincipalKind, Role, Tier } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { plainStanding } from '../approvals/standing.ts';
import { cedarCall, cedarQuestion } from '../decide/cedar-request.ts';
import { decide } from '../decide/decide.ts';
import { ada, by, only, question, shipped, withEffect } from '../decide/question.fixture.ts';
import type { Question } from '../decide/question.ts';
import { loadPolicySet } from './load-policy-set.ts';
import type { PolicySet, PolicySlice } from './policy-set.ts';
import { readPolicyFiles } from './read-policy-files.ts';

const schema = readPolicyFiles('standard').find(({ name }) => name.endsWith('.cedarschema'))?.text ?? '';
const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Math.floor(performance.timeOrigin) % 2 ** 30);
const permit = '@id("permit") permit (principal, action, resource);';

/** Everything of every scope, so that each fact is told and each kind of scope is decided. */
const scopes = [
  'action',
  'action == Action::"read"',
  'action in Action::"mutate"',
  'action in [Action::"approve", Action::"destructive"]',
  'action in [Action::"mutate", Action::"read"]',
  '// action == Action::"read",\n action in Action::"mutate"',
];
const conditions = [
  'when { principal.ai }',
  'when { action in Action::"mutate" && principal.kind == Kind::"agent" }',
  'when { action == Action::"read" } unless { context has checks_ok && context.checks_ok }',
  'unless { resource.tier == Tier::"dev" || context.confirmed }',
  'when { context.approvals < 9007199254740993 && context.planned }',
  'when { 9223372036854775807 + context.approvals > 0 }',
];
const schemaFile = { name: 'countersign.cedarschema', text: schema };
const everyScope = scopes.flatMap((scope, s) =>
  conditions.flatMap((condition, c) =>
    ['permit', 'forbid']
      .map((effect) => `@id("${effect}-${s}-${c}") ${effect} (principal, ${scope}, resource) ${condition};`)
      .filter((text) => loadPolicySet([schemaFile, { name: 'one.cedar', text }], 'standard').ok),
  ),
);

function policyText(set: PolicySet): Record<string, string> {
  return Object.fromEntries([...set.policies.values()].map(({ id, text }) => [id, text]));
}

/** What Cedar says of the whole set and its schema, with every fact and its own validation. */
function whole(set: PolicySet, asked: Question) {
  const [step] = asked.steps;
  if (step === undefined) throw new Error('a question without a step');
  const standing = plainStanding(asked.principal.root, asked.approvals, set.profile);
  const {
    preparsedPolicySetId: _,
    entities,
    ...call
  } = cedarCall({ ...cedarQuestion(set, asked, standing), set: tellsAll(set) }, step);
  return isAuthorized({
    ...call,
    entities: entities.filter(({ uid }) => 'id' in uid && uid.type !== 'Action'),
    schema,
    validateRequest: true,
    policies: { staticPolicies: policyText(set) },
  });
}

/** The set as if its policies named every fact. */
function tellsAll(set: PolicySet): PolicySet {
  const words = new Set(schema.match(/\w+/g));
  return {
    ...set,
    slices: new Map([...set.slices].map(([id, slice]): [string, PolicySlice] => [id, { ...slice, words }])),
  };
}

const asked = fc
  .record({
    effect: fc.constantFrom(...Effect.options),
    tier: fc.constantFrom(...Tier.options),
    phase: fc.constantFrom('propose' as const, 'run' as const, 'read' as const, 'approve' as const),
    kind: fc.constantFrom(...PrincipalKind.options),
    role: fc.constantFrom(...Role.options),
    ai: fc.boolean(),
    planned: fc.boolean(),
    frozen: fc.boolean(),
    checksOk: fc.constantFrom(true, false, null),
    approvals: fc.subarray([by('bob'), by('ada', 'confirm')]),
  })
  .map(({ effect, tier, kind, role, ai, ...facts }): Question => {
    const one = withEffect(effect);
    return { ...one, ...facts, target: { ...one.target, tier }, principal: { ...ada, kind, role, ai } };
  });

test(`a slice decides as the whole set does, with its schema (COUNTERSIGN_SEED=${seed})`, () => {
  const some = fc.subarray(everyScope, { minLength: 1, maxLength: 8 });
  const planted = fc.sample(some, { numRuns: 30, seed }).map((texts) => only(`${permit}${texts.join('\n')}`));
  expect(everyScope.length).toBeGreaterThan(50);
  const set = fc.constantFrom(shipped('standard'), shipped('solo'), ...planted);
  const seen = { allow: 0, deny: 0, erred: 0 };
  fc.assert(
    fc.property(set, asked, (set, one) => {
      const answer = whole(set, one);
      if (answer.type === 'failure') throw new Error(answer.errors.map(({ message }) => message).join('; '));
      const { decision, diagnostics } = answer.response;
      const ours = decide(set, one);
      if (diagnostics.errors.length > 0) {
        seen.erred += 1;
        expect(ours.decision).toBe('deny');
        expect(ours.policies.map(({ id }) => id)).toEqual(diagnostics.errors.map(({ policyId }) => policyId).sort());
        return;
      }
      seen[decision] += 1;
      expect(ours.decision === 'allow').toBe(decision === 'allow');
      expect(ours.policies.map(({ id }) => id)).toEqual([...diagnostics.reason].sort());
    }),
    { numRuns: 200, seed },
  );
  expect(Math.min(seen.allow, seen.deny, seen.erred)).toBeGreaterThan(10);
});

test('only what may apply to an action is in its slice, and the action is told only where a condition asks about it', () => {
  const set = only(`${permit}
    @id("reads") forbid (principal, action == Action::"read", resource) when { principal.name == "ada" };
    @id("asks") forbid (principal, action in [Action::"approve"], resource) when { action == Action::"approve" && context.frozen };`);
  const words = (action: string) => ['name', 'frozen'].filter((word) => set.slices.get(action)?.words.has(word));
  expect([...set.slices.keys()].sort()).toEqual(['approve', 'destructive', 'read', 'write']);
  expect([words('read'), words('write'), words('approve')]).toEqual([['name'], [], ['frozen']]);
  expect(set.slices.get('read')?.actionEntity).toBe(null);
  expect(set.slices.get('approve')?.actionEntity).toMatchObject({ uid: { id: 'approve' }, parents: [] });
});

test('a scope that cannot be taken out of its text keeps it, and is told its action', () => {
  const set = only(`@id("hidden") permit (principal, // action == Action::"read"
    action in Action::"mutate", resource);`);
  expect(set.slices.get('write')?.actionEntity).toMatchObject({ parents: [{ type: 'Action', id: 'mutate' }] });
  expect(decide(set, question).decision).toBe('allow');
  expect(decide(set, withEffect('read')).decision).toBe('deny');
});

test('an attribute written with escapes is told', () => {
  const set = only(`${permit} @id("f") forbid (principal, action, resource) when { context["\\u{66}rozen"] };`);
  expect(decide(set, { ...question, frozen: true }).decision).toBe('deny');
  expect(decide(set, question).decision).toBe('allow');
});
