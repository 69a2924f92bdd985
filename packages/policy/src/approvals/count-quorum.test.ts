import { ApprovalKind, ApprovalView, PrincipalKind, Role } from '@countersign/protocol';
import { expect, test } from 'vitest';
import { by } from '../decide/question.fixture.ts';
import { countQuorum } from './count-quorum.ts';

test('counts roots, not statements', () => {
  const { approvals, confirmed } = countQuorum('ada', [by('bob'), by('bob'), by('eve')], 'standard');
  expect([approvals, confirmed]).toEqual([2, false]);
});

test("the requester's own root approves in the solo profile only, and confirms in both", () => {
  expect(countQuorum('ada', [by('ada')], 'standard')).toMatchObject({ approvals: 0, confirmed: true });
  expect(countQuorum('ada', [by('ada')], 'solo')).toMatchObject({ approvals: 1, confirmed: true });
  expect(countQuorum('ada', [by('ada', 'confirm')], 'solo')).toMatchObject({ approvals: 0, confirmed: true });
});

test('somebody else cannot confirm for the requester', () => {
  expect(countQuorum('ada', [by('bob', 'confirm')], 'standard')).toMatchObject({ approvals: 0, confirmed: false });
});

test('of all signers, roles, kinds and states only the entitled count', () => {
  for (const kind of ApprovalKind.options)
    for (const state of ApprovalView.shape.state.options)
      for (const signer of PrincipalKind.options)
        for (const role of Role.options)
          for (const ai of [false, true])
            for (const root of ['ada', 'bob'])
              for (const profile of ['standard', 'solo'] as const) {
                const counts = state === 'valid' && signer === 'person' && !ai && kind !== 'reject';
                const entitled = ['approver', 'admin'].includes(role);
                const mayAct = entitled || role === 'actions';
                const approves = counts && kind === 'approve' && entitled && (root === 'bob' || profile === 'solo');
                expect(
                  countQuorum(
                    'ada',
                    [{ kind, state, approver: { kind: signer, role, root, ai, groups: [] }, steppedUp: false }],
                    profile,
                  ),
                  [kind, state, signer, role, ai, root, profile].join(),
                ).toMatchObject({ approvals: approves ? 1 : 0, confirmed: counts && mayAct && root === 'ada' });
              }
});
