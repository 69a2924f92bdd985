import { ApprovalKind, type Principal, PrincipalKind, Role } from '@countersign/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalOf, bob, digestOf, requester } from '../fixture/rows.ts';
import { liveApprovals, mayDecide, type PolicyProfile } from './approval-rules.ts';

const profiles: PolicyProfile[] = ['standard', 'solo'];
const everyone: Principal[] = PrincipalKind.options.flatMap((kind) =>
  Role.options.flatMap((role) =>
    [true, false].flatMap((ai) => ['ada', 'bob'].map((root) => ({ ...bob, kind, role, root, ai }))),
  ),
);
const cases = ApprovalKind.options.flatMap((kind) =>
  profiles.flatMap((profile) =>
    [true, false].flatMap((aiAsked) => everyone.map((principal) => ({ kind, profile, aiAsked, principal }))),
  ),
);

describe('mayDecide', () => {
  it('refuses everyone that is no person, or is an AI, in every combination', () => {
    const refused = cases.filter(({ principal }) => principal.ai || principal.kind !== 'person');
    expect(refused.length).toBe(3 * 2 * 2 * (everyone.length - 2 * Role.options.length));
    for (const { kind, profile, aiAsked, principal } of refused) {
      const outcome = mayDecide(kind, principal, { ...requester, ai: aiAsked }, profile);
      expect(outcome).toMatchObject({ ok: false, code: 'E_APPROVAL_NOT_ALLOWED', detail: { next: expect.anything() } });
    }
  });

  it('gives people exactly this table, whatever else is true of requester and role', () => {
    const table: Record<PolicyProfile, Record<ApprovalKind, { own: boolean; other: boolean }>> = {
      standard: {
        confirm: { own: true, other: false },
        approve: { own: false, other: true },
        reject: { own: true, other: true },
      },
      solo: {
        confirm: { own: true, other: false },
        approve: { own: true, other: true },
        reject: { own: true, other: true },
      },
    };
    const people = cases.filter(({ principal }) => !principal.ai && principal.kind === 'person');
    for (const { kind, profile, aiAsked, principal } of people) {
      const whose = principal.root === requester.root ? 'own' : 'other';
      const outcome = mayDecide(kind, principal, { ...requester, ai: aiAsked }, profile);
      expect(outcome.ok, `${profile} ${kind} ${whose}`).toBe(table[profile][kind][whose]);
    }
  });
});

describe('liveApprovals', () => {
  const a = digestOf('a');
  it('keeps what is for this digest, not void, not spent, and not expired at this very millisecond', () => {
    expect(liveApprovals([approvalOf('approve', a, 11)], a, 10)).toHaveLength(1);
    expect(liveApprovals([approvalOf('approve', a, 10)], a, 10)).toEqual([]);
    expect(liveApprovals([approvalOf('approve', digestOf('b'), 11)], a, 10)).toEqual([]);
    expect(liveApprovals([approvalOf('approve', a, 11, { voidedAt: 5 })], a, 10)).toEqual([]);
    expect(liveApprovals([approvalOf('approve', a, 11, { consumedByRun: 'r' })], a, 10)).toEqual([]);
    expect(liveApprovals([approvalOf('approve', '', 11)], '', 10)).toHaveLength(1);
  });

  it('never gives back what time took, and answers a part of what it was given, in order', () => {
    const approvals = fc.array(
      fc
        .record({
          kind: fc.constantFrom(...ApprovalKind.options),
          digit: fc.constantFrom('a', 'b'),
          expiresAt: fc.integer({ min: 0, max: 20 }),
          voidedAt: fc.constantFrom(null, 3),
          consumedByRun: fc.constantFrom(null, 'r'),
        })
        .map(({ kind, digit, expiresAt, ...rest }) => approvalOf(kind, digestOf(digit), expiresAt, rest)),
      { maxLength: 6 },
    );
    fc.assert(
      fc.property(approvals, fc.integer({ min: 0, max: 20 }), fc.nat(5), (given, now, later) => {
        const live = liveApprovals(given, a, now);
        expect(given.filter((approval) => live.includes(approval))).toEqual(live);
        for (const approval of liveApprovals(given, a, now + later)) expect(live).toContain(approval);
        expect(live.every((approval) => approval.principal === bob.id)).toBe(true);
      }),
    );
  });
});

describe('a refusal', () => {
  const ada = { ...bob, id: 'person:ada', name: 'ada', root: 'ada' };
  it.each([
    ['approve', { ...bob, ai: true }, /only a person/, 'ask a person to decide'],
    ['confirm', bob, /only ada may confirm what ada proposed/, 'ask ada to confirm, or approve it instead'],
    ['approve', ada, /nobody may approve what they/, 'ask another person with the approver role'],
  ] as const)('of %s says who may, and what to do', (kind, principal, message, next) => {
    expect(mayDecide(kind, principal, requester, 'standard')).toEqual({
      ok: false,
      code: 'E_APPROVAL_NOT_ALLOWED',
      message: expect.stringMatching(message),
      detail: { next },
    });
  });
});
