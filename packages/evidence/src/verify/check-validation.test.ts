import type { BundleValidation, PlanBody, Verdict } from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { verdictDigest } from '../digest/digest.ts';
import { findingsOf } from '../fixture/findings-of.ts';
import { samplePlan, sampleVerdict } from '../fixture/sample-input.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { checkValidation, checkVerdicts } from './check-validation.ts';

const digestOf = (verdict: Verdict) => verdictDigest(verdict, nodeSha256);
const good: BundleValidation = {
  schema: 'countersign.validation.v1',
  checks: samplePlan.checks,
  preconditions: samplePlan.preconditions,
  verdict: sampleVerdict,
  verdict_digest: digestOf(sampleVerdict),
  signed_verdicts: [],
};
const pass = (id: string) => [['pass', id, 'validation.json', '']];
const fail = (id: string, detail: string) => ['fail', id, 'validation.json', detail];

describe('checks and preconditions', () => {
  const found = (change: Partial<BundleValidation>, plan: PlanBody | null = samplePlan) =>
    findingsOf((findings) => checkValidation({ ...good, ...change }, plan, findings));
  const withCheck = (change: Partial<PlanBody['checks'][number]>) => {
    const checks = samplePlan.checks.map((check) => ({ ...check, ...change }));
    return found({ checks }, { ...samplePlan, checks });
  };

  it('are those of the plan', async () => {
    expect(await found({})).toEqual(pass('validation.checks'));
    expect(await found({ checks: [], preconditions: [] })).toEqual([
      fail('validation.checks', "The checks are not the plan's."),
      fail('validation.checks', "The preconditions are not the plan's."),
    ]);
    expect(await found({ checks: [] }, null)).toEqual([]);
  });

  it('forbid a run where a check of severity error fails, and only then', async () => {
    expect(await withCheck({ status: 'fail' })).toEqual([
      fail('validation.checks', 'Check branch-exists forbids a run.'),
    ]);
    expect(await withCheck({ status: 'fail', severity: 'warning' })).toEqual(pass('validation.checks'));
    expect(await withCheck({ status: 'warn' })).toEqual(pass('validation.checks'));
  });
});

describe('verdicts', () => {
  const found = (change: Partial<BundleValidation>) =>
    findingsOf((findings) => checkVerdicts({ ...good, ...change }, nodeVerifyCrypto, findings));
  const others = ['a', 'b', 'c']
    .map((reason): Verdict => ({ ...sampleVerdict, reason }))
    .sort((left, right) => (digestOf(left) < digestOf(right) ? -1 : 1));
  const unsorted = fail('validation.verdict', 'The signed verdicts are not sorted, each once.');

  it('are answered by digest, that of the run start first', async () => {
    const answers: [string, Verdict][] = [];
    const found = await findingsOf(async (findings) => {
      const validation = { ...good, signed_verdicts: others };
      answers.push(...(await checkVerdicts(validation, nodeVerifyCrypto, findings)));
    });
    expect(found).toEqual(pass('validation.verdict'));
    expect(answers).toEqual([sampleVerdict, ...others].map((verdict) => [digestOf(verdict), verdict]));
  });

  it('with another digest than is named fail', async () => {
    const named = `sha256:${'0'.repeat(64)}`;
    expect(await found({ verdict_digest: named })).toEqual([
      fail('validation.verdict', `It is ${digestOf(sampleVerdict)}, named is ${named}.`),
    ]);
  });

  it('that deny fail', async () => {
    const verdict: Verdict = { ...sampleVerdict, decision: 'deny' };
    expect(await found({ verdict, verdict_digest: digestOf(verdict) })).toEqual([
      fail('validation.verdict', 'Policy denied the run.'),
    ]);
  });

  it('stand there sorted, each once', async () => {
    const [first, second, third] = others;
    expect(await found({ signed_verdicts: [first!, third!, second!] })).toEqual([unsorted]);
    expect(await found({ signed_verdicts: [third!, second!, first!] })).toEqual([unsorted, unsorted]);
    expect(await found({ signed_verdicts: [first!, first!] })).toEqual([unsorted]);
    expect(await found({ signed_verdicts: [sampleVerdict] })).toEqual([unsorted]);
  });
});
