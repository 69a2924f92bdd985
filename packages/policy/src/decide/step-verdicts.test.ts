import { expect, test } from 'vitest';
import { plainStanding } from '../approvals/standing.ts';
import { cedarCall, cedarQuestion } from './cedar-request.ts';
import { by, inTier, only, question } from './question.fixture.ts';
import type { Question } from './question.ts';
import { keptVerdicts, verdictOf } from './step-verdicts.ts';

const permit = '@id("permit") permit (principal, action, resource);';
/** Names every fact, so that every fact is told. */
const curious = `${permit}
@id("all") forbid (principal, action, resource)
when { context.approvals > 1 && context.confirmed && context.ai_proposed && context has checks_ok && context.frozen
  && context.in_window && context.break_glass && context.inputs.numbers.hasTag("x") && principal.name == "" && principal.root == ""
  && principal.kind == Kind::"worker" && principal.role == Role::"worker" && principal.ai && resource.project == ""
  && resource.environment == "" && resource.tier == Tier::"dev" && resource.connector == "" && context.phase == Phase::"run"
  && context.action == "" && context.risk == Risk::"low" && context.planned };`;
const answer = { decision: 'allow', policyIds: ['permit'], obligations: [], reason: 'is permitted' } as const;

/** How often a verdict had to be computed for these questions, in this order. */
function computed(questions: readonly Question[], set = only(curious)): number {
  let times = 0;
  for (const asked of questions) {
    for (const step of asked.steps) {
      const standing = plainStanding(asked.principal.root, asked.approvals, set.profile);
      verdictOf(set, cedarCall(cedarQuestion(set, asked, standing), step), () => {
        times += 1;
        return answer;
      });
    }
  }
  return times;
}

test('the same question is computed once, in each set anew', () => {
  expect(computed([question, structuredClone(question)])).toBe(1);
  expect(computed([question])).toBe(1);
});

test('a question that differs in any fact is another question', () => {
  const { principal, target, steps } = question;
  const others: Partial<Question>[] = [
    { phase: 'propose' },
    { planned: false },
    { checksOk: false },
    { checksOk: null },
    { approvals: [by('bob')] },
    { approvals: [by('ada', 'confirm')] },
    { frozen: true },
    { inWindow: false },
    { breakGlass: true },
    { aiProposed: true },
    ...Object.keys(principal).map((key) => ({ principal: { ...principal, [key]: key === 'ai' ? true : 'other' } })),
    ...Object.keys(target).map((key) => ({ target: { ...target, [key]: 'other' } })),
    { steps: steps.map((step) => ({ ...step, inputs: { replicas: 2 } })) },
    ...steps.flatMap((step) => ['name', 'effect', 'risk'].map((key) => ({ steps: [{ ...step, [key]: 'other' }] }))),
  ];
  expect(others.length).toBe(25);
  expect(computed([question, ...others.map((other) => ({ ...question, ...other }))])).toBe(1 + others.length);
});

test('what is kept is bounded, and the oldest goes first', () => {
  const set = only(permit);
  const many = Array.from({ length: keptVerdicts + 1 }, (_, index) => ({
    ...question,
    target: { ...inTier('dev').target, name: `t${index}` },
  }));
  const [first, second] = many;
  const last = many.at(-1);
  if (first === undefined || second === undefined || last === undefined) throw new Error('no questions');
  expect(computed(many, set)).toBe(many.length);
  expect(computed([last, second], set)).toBe(0);
  expect(computed([first], set)).toBe(1);
});

test('a fact that no policy names is no part of the question', () => {
  const other = { ...question, frozen: true, principal: { ...question.principal, root: 'else' } };
  expect(computed([question, other], only(permit))).toBe(1);
  expect(
    computed(
      [question, other],
      only(`${permit} @id("f") forbid (principal, action, resource) when { context.frozen };`),
    ),
  ).toBe(2);
});
