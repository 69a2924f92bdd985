import { Effect, type Obligation, PrincipalKind, Role, Tier, type Verdict } from '@countersign/protocol';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { RecordedApproval } from './approvals/count-quorum.ts';
import { decide } from './decide/decide.ts';
import { ada, by, inTier, question, shipped, withEffect } from './decide/question.fixture.ts';
import type { Asker, Phase, Question } from './decide/question.ts';
import { readPolicyFiles } from './load/read-policy-files.ts';

const sets = { standard: shipped('standard'), solo: shipped('solo') };
const profiles = ['standard', 'solo'] as const;
const phases: readonly Phase[] = ['propose', 'run', 'read', 'approve'];
const rank = { deny: 0, needs: 1, allow: 2 } as const;

function short({ decision, obligations }: Verdict): string {
  const words = obligations.map((one: Obligation) => (one.kind === 'approve' ? `approve:${one.count}` : one.kind));
  return [decision, ...words].join(' ');
}

/** The rules in the architecture's words, told a second time and without Cedar. */
function expected(kind: string, role: string, tier: string, effect: string, phase: Phase, ai: boolean): string {
  if (kind === 'worker' || !['actions', 'approver', 'admin'].includes(role)) return 'deny';
  if (phase === 'approve') return role === 'actions' ? 'deny' : 'allow';
  if (effect === 'read') return 'allow';
  if (phase === 'propose') return 'allow';
  if (phase === 'read') return 'deny';
  const confirm = tier === 'stage' || ai ? ['confirm'] : [];
  const approve = tier === 'prod' || effect === 'destructive' ? ['approve:1'] : [];
  const open = [...confirm, ...approve];
  return open.length === 0 ? 'allow' : ['needs', ...open].join(' ');
}

describe.each(profiles)('%s', (profile) => {
  test('every kind, role, tier, effect and phase, before any approval', () => {
    let asked = 0;
    for (const kind of PrincipalKind.options)
      for (const role of Role.options)
        for (const tier of Tier.options)
          for (const effect of Effect.options)
            for (const phase of phases) {
              const ai = kind === 'agent';
              const principal: Asker = { ...ada, kind, role, ai };
              const verdict = decide(sets[profile], { ...inTier(tier, withEffect(effect)), phase, principal });
              const row = [kind, role, tier, effect, phase].join();
              expect(short(verdict), row).toBe(expected(kind, role, tier, effect, phase, ai));
              expect(verdict.profile).toBe(profile);
              asked += 1;
            }
    expect(asked).toBe(720);
  });

  test('what an AI proposed under a person is confirmed by a person in every tier', () => {
    for (const tier of Tier.options) {
      const asked: Question = { ...inTier(tier), aiProposed: true };
      expect(decide(sets[profile], asked).obligations).toContainEqual({ kind: 'confirm' });
    }
    const agent: Question = { ...question, principal: { ...ada, kind: 'agent', ai: true } };
    const signed = (approver: Partial<RecordedApproval['approver']>): RecordedApproval => ({
      ...by('ada', 'confirm'),
      approver: { ...by('ada').approver, ...approver },
    });
    expect(decide(sets[profile], { ...agent, approvals: [signed({ kind: 'agent', ai: true })] }).decision).toBe(
      'needs',
    );
    expect(decide(sets[profile], { ...agent, approvals: [signed({})] }).decision).toBe('allow');
  });

  test('without a plan, or with checks failed or not made, nothing runs in any tier', () => {
    const approvals = [by('ada', 'confirm'), by('bob')];
    for (const tier of Tier.options) {
      const ready: Question = { ...inTier(tier), approvals };
      expect(decide(sets[profile], ready).decision).toBe('allow');
      for (const fault of [{ planned: false }, { checksOk: false }, { checksOk: null }]) {
        expect(decide(sets[profile], { ...ready, ...fault }), JSON.stringify(fault)).toMatchObject({
          decision: 'deny',
        });
      }
    }
  });

  test('fewer approvals are never looser, and more never stricter', () => {
    const pool = ['ada', 'bob', 'eve'].flatMap((root) => [by(root), by(root, 'confirm')]);
    const asked = fc.record({
      effects: fc.array(fc.constantFrom(...Effect.options), { minLength: 1, maxLength: 4 }),
      tier: fc.constantFrom(...Tier.options),
      phase: fc.constantFrom(...phases),
      role: fc.constantFrom(...Role.options),
      ai: fc.boolean(),
      more: fc.subarray(pool),
    });
    const decisions = new Set<string>();
    fc.assert(
      fc.property(asked, fc.nat(), ({ effects, tier, phase, role, ai, more }, cut) => {
        const fewer = more.slice(0, cut % (more.length + 1));
        const steps = effects.map((effect, index) => ({
          name: `docker.a${index}`,
          effect,
          risk: 'low' as const,
          inputs: {},
        }));
        const base: Question = { ...inTier(tier), steps, phase, principal: { ...ada, role, ai } };
        const [few, many] = [fewer, more].map((approvals) => decide(sets[profile], { ...base, approvals }).decision);
        if (few === undefined || many === undefined) throw new Error('no decision');
        decisions.add(`${few}-${many}`);
        expect(rank[few]).toBeLessThanOrEqual(rank[many]);
      }),
      { numRuns: 500 },
    );
    expect(decisions).toContain('needs-allow');
  });
});

test.each<[approvals: RecordedApproval[], standard: string, solo: string]>([
  [[by('ada')], 'needs approve:1', 'allow'],
  [[by('ada', 'confirm')], 'needs approve:1', 'needs approve:1'],
  [[by('bob')], 'allow', 'allow'],
  [[{ ...by('bob'), state: 'expired' }], 'needs approve:1', 'needs approve:1'],
  [[by('bob', 'reject')], 'needs approve:1', 'needs approve:1'],
])('prod after %j', (approvals, standard, solo) => {
  const asked: Question = { ...inTier('prod'), approvals };
  expect(short(decide(sets.standard, asked))).toBe(standard);
  expect(short(decide(sets.solo, asked))).toBe(solo);
});

test('a mixed operation wants the most that any of its steps wants', () => {
  const steps = Effect.options.map((effect) => ({
    name: `docker.${effect}`,
    effect,
    risk: 'low' as const,
    inputs: {},
  }));
  expect(short(decide(sets.standard, { ...inTier('stage'), steps }))).toBe('needs confirm approve:1');
});

test('a solo file takes the place of a default file of the same name, and shows in the verdict', () => {
  const names = (profile: 'standard' | 'solo') => readPolicyFiles(profile).map(({ name }) => name);
  expect(names('solo')).toEqual(names('standard'));
  expect(sets.solo.version).not.toBe(sets.standard.version);
  expect(decide(sets.solo, inTier('prod')).policies.map(({ id }) => id)).toEqual(['solo-prod-approval']);
});

describe.each(profiles)('%s, now or not now', (profile) => {
  const set = sets[profile];
  const approved = [by('bob'), by('ada', 'confirm')];

  test.each<[what: string, fact: Partial<Question>, policy: string]>([
    ['frozen', { frozen: true }, 'no-run-while-frozen'],
    ['outside of its windows', { inWindow: false }, 'run-in-window'],
  ])('nothing runs where it is %s, but is proposed and read; broken glass goes past it', (_what, fact, policy) => {
    for (const tier of Tier.options) {
      const asked: Question = { ...inTier(tier), approvals: approved, ...fact };
      expect(decide(set, asked)).toMatchObject({ decision: 'deny', policies: [{ id: policy }] });
      expect(decide(set, { ...asked, phase: 'propose' }).decision).toBe('allow');
      expect(decide(set, { ...withEffect('read', asked), phase: 'read' }).decision).toBe('allow');
      expect(decide(set, { ...asked, breakGlass: true }).decision).toBe('allow');
    }
  });

  test("broken glass goes past others' approval, and past nothing else", () => {
    const asked: Question = { ...withEffect('destructive', inTier('prod')), breakGlass: true };
    expect(decide(set, asked).decision).toBe('allow');
    expect(short(decide(set, { ...asked, aiProposed: true }))).toBe('needs confirm');
    expect(short(decide(set, { ...inTier('stage'), breakGlass: true }))).toBe('needs confirm');
    for (const fault of [{ planned: false }, { checksOk: false }, { checksOk: null }])
      expect(decide(set, { ...asked, ...fault }).decision).toBe('deny');
    expect(decide(set, { ...asked, principal: { ...ada, role: 'viewer' } }).decision).toBe('deny');
  });
});
