import { Effect, Tier } from '@countersign/protocol';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decide } from './decide.ts';
import { ada, by, inTier, only, question, shipped, withEffect } from './question.fixture.ts';

const permit = '@id("permit") permit (principal, action, resource);';
const overflow = '9223372036854775807 + context.approvals + 1 > 0';

test('a forbid that cannot be evaluated denies, though Cedar itself would allow', () => {
  const set = only(`${permit} @id("erring") forbid (principal, action, resource) when { ${overflow} };`);
  const verdict = decide(set, question);
  expect(verdict).toMatchObject({ decision: 'deny', obligations: [], policies: [{ id: 'erring', effect: 'forbid' }] });
  expect(verdict.reason).toContain('erring (integer overflow');
});

test('a permit that cannot be evaluated denies beside one that can', () => {
  const set = only(`${permit} @id("erring") permit (principal, action, resource) when { ${overflow} };`);
  expect(decide(set, question)).toMatchObject({ decision: 'deny', policies: [{ id: 'erring' }] });
});

test('a policy that errs only once its neighbours are satisfied is not asked to be approved away', () => {
  const set = only(`${permit}
    @id("confirm") @obligation("confirm") forbid (principal, action, resource) unless { context.confirmed };
    @id("erring") forbid (principal, action, resource) when { context.confirmed && ${overflow} };`);
  expect(decide(set, question).decision).toBe('deny');
});

test('adding a policy that errs never loosens a verdict', () => {
  const scopes = [
    'action',
    'action == Action::"read"',
    'action in Action::"mutate"',
    'action == Action::"destructive"',
  ];
  const guards = ['true', 'principal.ai', 'resource.tier == Tier::"prod"', 'context.confirmed'];
  const plain = shipped('standard');
  const sets = ['permit', 'forbid'].flatMap((effect) =>
    scopes.flatMap((scope) =>
      guards.map((guard) => ({
        everywhere: scope === 'action' && guard === 'true',
        set: shipped('standard', [
          {
            name: 'erring.cedar',
            text: `@id("erring") ${effect} (principal, ${scope}, resource) when { ${guard} && ${overflow} };`,
          },
        ]),
      })),
    ),
  );
  const rank = { deny: 0, needs: 1, allow: 2 };
  let erred = 0;
  const asked = fc.record({
    effect: fc.constantFrom(...Effect.options),
    tier: fc.constantFrom(...Tier.options),
    phase: fc.constantFrom('propose', 'run', 'read'),
    ai: fc.boolean(),
    approvals: fc.subarray([by('bob'), by('ada', 'confirm')]),
  });
  fc.assert(
    fc.property(fc.constantFrom(...sets), asked, ({ set, everywhere }, { effect, tier, phase, ai, approvals }) => {
      const one = { ...inTier(tier, withEffect(effect)), phase, approvals, principal: { ...ada, ai } };
      const [before, after] = [decide(plain, one), decide(set, one)];
      expect(rank[after.decision]).toBeLessThanOrEqual(rank[before.decision]);
      if (everywhere) expect(after.decision).toBe('deny');
      if (after.reason.includes('erring (')) erred += 1;
    }),
    { numRuns: 500 },
  );
  expect(erred).toBeGreaterThan(50);
});
