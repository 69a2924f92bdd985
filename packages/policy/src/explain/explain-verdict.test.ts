import { expect, test } from 'vitest';
import { decide } from '../decide/decide.ts';
import { by, inTier, only, question, shipped, withEffect } from '../decide/question.fixture.ts';
import { explainVerdict } from './explain-verdict.ts';

test('tells what is needed and why, a sentence a policy', () => {
  expect(explainVerdict(decide(shipped('standard'), inTier('stage', withEffect('destructive'))))).toBe(
    [
      "Policy needs confirmation by the requester's person and approval by 1 other person.",
      '- destructive-approval: What cannot simply be changed back needs the approval of one other person, in every tier.',
      "- stage-confirm: A change in stage needs the requester's confirmation of its plan.",
    ].join('\n'),
  );
});

test('says that the solo profile decided', () => {
  const waiting = explainVerdict(decide(shipped('solo'), inTier('prod')));
  expect(waiting).toContain('Policy needs approval by 1 person, the requester included.');
  expect(waiting).not.toContain('other person');
  const allowed = explainVerdict(decide(shipped('solo'), { ...inTier('prod'), approvals: [by('ada')] }));
  expect(allowed).toContain('Policy allows this.');
  expect(allowed).toContain('solo profile');
});

test('speaks without deciding policies and without a reason annotation', () => {
  const set = only('@id("reads") permit (principal, action == Action::"read", resource);');
  expect(explainVerdict(decide(set, question))).toContain('docker.restart is permitted by no policy');
  expect(explainVerdict(decide(set, withEffect('read')))).toContain('- reads: This policy permits it.');
});

test('every shipped policy has a reason', () => {
  for (const profile of ['standard', 'solo'] as const) {
    for (const policy of shipped(profile).policies.values())
      expect(policy.text, policy.id).toMatch(/@reason\("[^"]+\."\)/);
  }
});
