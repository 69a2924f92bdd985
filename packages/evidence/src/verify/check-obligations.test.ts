import {
  type ApprovalStatement,
  type BreakGlassStatement,
  type BundleValidation,
  breakGlassMs,
  type Obligation,
  stepUpFreshMs,
  type Verdict,
  type VerifyFinding,
} from '@countersign/protocol';
import { describe, expect, it } from 'vitest';
import { signApproval } from '../approval/sign-approval.ts';
import { signBreakGlass } from '../approval/sign-break-glass.ts';
import type { BundleInput } from '../bundle/bundle-input.ts';
import { verdictDigest } from '../digest/digest.ts';
import { findingsOf } from '../fixture/findings-of.ts';
import { sampleBundle } from '../fixture/sample-bundle.ts';
import { sampleInput, sampleStatement, sampleVerdict, sampleWord } from '../fixture/sample-input.ts';
import { testSigner, testTrust } from '../fixture/test-signer.ts';
import { nodeSha256, nodeVerifyCrypto } from '../node.ts';
import { checkObligations } from './check-obligations.ts';
import { verifyBundle } from './verify-bundle.ts';

const confirm = sampleStatement('confirm');
const approve = sampleStatement('approve');
const { run } = sampleInput();

const noGlass = { word: null, problems: [] };
function broken(change: Partial<BreakGlassStatement> = {}) {
  const statement = sampleWord(change);
  return { statement, envelope: signBreakGlass(statement, testSigner()) };
}

async function problems(input: BundleInput): Promise<VerifyFinding[]> {
  const report = await verifyBundle(await sampleBundle(input), testTrust(), nodeVerifyCrypto);
  return report.findings.filter(({ state }) => state !== 'pass');
}
async function ids(input: BundleInput): Promise<string[]> {
  return (await problems(input)).map(({ id }) => id);
}

describe('obligations', () => {
  it('does not count one person twice, whatever tokens they hold', async () => {
    const verdict: Verdict = { ...sampleVerdict, obligations: [{ kind: 'approve', count: 2 }] };
    const statement = { ...approve, verdict_digest: verdictDigest(verdict, nodeSha256) };
    const again = { ...statement, approver: 'grace-token-2' };
    const other = { ...statement, approver: 'linus', approver_root: 'user:linus' };
    expect(await ids(sampleInput({ verdict }, [statement, again]))).toEqual(['approvals.obligations']);
    expect(await ids(sampleInput({ verdict }, [statement, other]))).toEqual([]);
  });

  it('does not count an approval that does not hold', async () => {
    const expired = { ...approve, expires_at: run.created_at - 1 };
    expect(await ids(sampleInput({}, [confirm, expired]))).toEqual(['approval.time', 'approvals.obligations']);
  });

  it('lets a solo installation approve its own, and says so in the statement', async () => {
    const verdict: Verdict = { ...sampleVerdict, profile: 'solo' };
    const own = { ...approve, approver_root: 'user:ada', verdict_digest: verdictDigest(verdict, nodeSha256) };
    const input = sampleInput({ verdict }, [{ ...confirm, verdict_digest: own.verdict_digest }, own]);
    expect(await ids(input)).toEqual([]);
  });

  it('takes the own approval of a solo installation for the confirmation as well', async () => {
    const verdict: Verdict = { ...sampleVerdict, profile: 'solo' };
    const own = { ...approve, approver_root: 'user:ada', verdict_digest: verdictDigest(verdict, nodeSha256) };
    expect(await ids(sampleInput({ verdict }, [own]))).toEqual([]);
  });

  it('lets nobody but the person behind an AI confirm what it proposed', async () => {
    const byAnother = [{ ...confirm, approver: 'eve', approver_root: 'user:eve' }, approve];
    const requester = { ...run.requester, ai: true };
    const found = await ids(sampleInput({ run: { ...run, requester } }, byAnother));
    expect(found).toEqual(['approval.person', 'approvals.obligations']);
  });

  describe('when the verdict at run start has counted the approvals already', () => {
    const verdict: Verdict = { ...sampleVerdict, decision: 'allow', obligations: [], policies: [] };
    const afterConfirm: Verdict = { ...sampleVerdict, obligations: [{ kind: 'approve', count: 1 }] };
    const approveAfter = {
      ...approve,
      issued_at: approve.issued_at + 1,
      verdict_digest: verdictDigest(afterConfirm, nodeSha256),
    };

    it('holds approvals against all verdicts they were signed under', async () => {
      const change = { verdict, signedVerdicts: [sampleVerdict, afterConfirm, sampleVerdict] };
      expect(await ids(sampleInput(change))).toEqual([]);
      expect(await ids(sampleInput(change, [confirm, approveAfter]))).toEqual([]);
      expect(await ids(sampleInput(change, [confirm]))).toEqual(['approvals.obligations']);
      expect(await ids(sampleInput(change, [approve, approveAfter]))).toEqual(['approvals.obligations']);
    });

    it('holds them against the last one only, when policy has changed since', async () => {
      const changed = {
        verdict: { ...verdict, policy_set: 'default-2' },
        signedVerdicts: [sampleVerdict, afterConfirm],
      };
      expect(await ids(sampleInput(changed, [approveAfter]))).toEqual([]);
      expect(await ids(sampleInput(changed, [approve]))).toEqual(['approvals.obligations']);
    });

    it('wants every signed verdict in the bundle', async () => {
      expect(await ids(sampleInput({ verdict }))).toContain('approval.binding');
    });
  });

  it('holds a step-up against the time that the statement names', async () => {
    const verdict: Verdict = { ...sampleVerdict, obligations: [{ kind: 'step_up' }] };
    const verdict_digest = verdictDigest(verdict, nodeSha256);
    const fresh = { ...confirm, verdict_digest, stepped_up_at: confirm.issued_at - stepUpFreshMs };
    expect(await ids(sampleInput({ verdict }, []))).toEqual(['approvals.obligations']);
    expect(await ids(sampleInput({ verdict }, [{ ...confirm, verdict_digest }]))).toEqual(['approvals.obligations']);
    expect(await ids(sampleInput({ verdict }, [{ ...fresh, stepped_up_at: fresh.stepped_up_at - 1 }]))).toEqual([
      'approvals.obligations',
    ]);
    expect(await ids(sampleInput({ verdict }, [fresh]))).toEqual([]);
  });

  it("lets broken glass stand in for others' approval, and says who broke it", async () => {
    const verdict: Verdict = { ...sampleVerdict, decision: 'allow', obligations: [], policies: [] };
    const breakGlass = broken();
    const change = { verdict, signedVerdicts: [sampleVerdict] };
    expect(await ids(sampleInput(change, [confirm]))).toEqual(['approvals.obligations']);
    const told = sampleInput({ ...change, breakGlass }, [confirm]);
    const report = await verifyBundle(await sampleBundle(told), testTrust(), nodeVerifyCrypto);
    expect(report.findings.find(({ id }) => id === 'approvals.obligations')).toMatchObject({
      state: 'pass',
      detail: expect.stringContaining('eve broke the glass: the shop is down'),
    });
    expect(await ids(sampleInput({ ...change, breakGlass }, []))).toEqual([]);
    const unconfirmed: Verdict = { ...sampleVerdict, obligations: [{ kind: 'confirm' }] };
    expect(await ids(sampleInput({ verdict: unconfirmed, breakGlass }, []))).toEqual(['approvals.obligations']);
  });

  const allowVerdict: Verdict = { ...sampleVerdict, decision: 'allow', obligations: [], policies: [] };
  const allowed = { verdict: allowVerdict };
  const other = '01936d3e-7a10-7c22-9f3a-5d2f6f1c0009';
  const at = run.created_at;
  it.each<[what: string, word: Partial<BreakGlassStatement>, said: string]>([
    ['a proof that is old', { stepped_up_at: at - 1_001 - stepUpFreshMs }, 'eve broke the glass without a fresh proof'],
    ['a proof that came later', { stepped_up_at: at }, 'eve broke the glass without a fresh proof'],
    ['a longer time', { expires_at: at - 999 + breakGlassMs }, 'is good for another time'],
    ['no time', { expires_at: at - 1_000 }, 'is good for another time'],
    [
      'a later word',
      { issued_at: at + 1, stepped_up_at: at + 1, expires_at: at + 60_000 },
      'after the run was created',
    ],
    ['a word that was over at the creation', { expires_at: at }, 'had expired when the run was created'],
    ['a word that was over at the start', { expires_at: run.started_at ?? 0 }, 'had expired when the run began'],
    ['another operation', { op_id: other }, `for operation ${other}`],
    ['another bundle', { bundle_id: other }, `for bundle ${other}`],
    ['another plan', { plan_digest: `sha256:${'0'.repeat(64)}` }, `for plan sha256:000`],
  ])('takes no broken glass of %s', async (_what, change, said) => {
    const [problem, ...more] = await problems(sampleInput({ ...allowed, breakGlass: broken(change) }, []));
    expect([problem?.id, problem?.state, more.map(({ id }) => id)]).toEqual([
      'approvals.obligations',
      'fail',
      more.map(() => 'approvals.obligations'),
    ]);
    expect(problem?.detail).toContain(said);
  });

  it('takes no broken glass that nobody signed, whatever is written', async () => {
    const word = sampleWord();
    const others = broken({ reason: 'something else' });
    const foreign = signBreakGlass(word, testSigner('somebody else'));
    for (const [envelope, said] of [
      [others.envelope, 'The signed word is another one.'],
      [foreign, 'does not hold: a signature names a key that is not trusted'],
      [signApproval(approve, testSigner()), 'does not hold'],
    ] as const) {
      const given = { ...allowed, breakGlass: { statement: word, envelope } };
      const [problem] = await problems(sampleInput(given, []));
      expect([problem?.id, problem?.state]).toEqual(['approvals.obligations', 'fail']);
      expect(problem?.detail).toContain(said);
      const wanted = { verdict: sampleVerdict, breakGlass: { statement: word, envelope } };
      expect((await problems(sampleInput(wanted, [confirm]))).map(({ detail }) => detail)).toContain(
        '0 of 1 people approved.',
      );
    }
  });

  it('holds decisions against what was demanded before any was counted, where the bundle says it', async () => {
    const two: Verdict = { ...sampleVerdict, obligations: [{ kind: 'approve', count: 2 }] };
    const loosened: Verdict = { ...allowed.verdict, policy_set: `sha256:${'b'.repeat(64)}` };
    const early = { ...approve, verdict_digest: verdictDigest(two, nodeSha256) };
    const change = { verdict: loosened, signedVerdicts: [two] };
    expect(await ids(sampleInput(change, [early]))).toEqual(['approvals.obligations']);
    expect(await ids(sampleInput({ ...change, demanded: [{ kind: 'approve', count: 1 }] }, [early]))).toEqual([]);
    expect(await ids(sampleInput({ ...change, demanded: [] }, [early]))).toEqual([]);
    expect(await ids(sampleInput({ ...change, demanded: [{ kind: 'approve', count: 2 }] }, [early]))).toEqual([
      'approvals.obligations',
    ]);
    expect(await ids(sampleInput({ ...allowed, demanded: [{ kind: 'confirm' }] }, []))).toEqual([
      'approvals.obligations',
    ]);
  });
});

describe('what is demanded', () => {
  const demand = (obligations: Obligation[], change: Partial<Verdict> = {}): Verdict => {
    return { ...sampleVerdict, obligations, ...change };
  };
  const under = (statement: ApprovalStatement, verdict: Verdict, issued_at = statement.issued_at) => {
    return { ...statement, issued_at, verdict_digest: verdictDigest(verdict, nodeSha256) };
  };
  async function missing(verdict: Verdict, statements: readonly ApprovalStatement[], signed: readonly Verdict[] = []) {
    const verdicts = new Map([verdict, ...signed].map((each) => [verdictDigest(each, nodeSha256), each]));
    const validation: BundleValidation = {
      schema: 'countersign.validation.v1',
      checks: [],
      preconditions: [],
      verdict,
      verdict_digest: verdictDigest(verdict, nodeSha256),
      signed_verdicts: [...signed],
    };
    const found = await findingsOf((findings) => checkObligations(validation, verdicts, statements, noGlass, findings));
    return found.map(([state, id, file, detail]) => {
      expect([id, file]).toEqual(['approvals.obligations', 'approvals.json']);
      return `${state} ${detail}`.trim();
    });
  }
  const both = demand([{ kind: 'confirm' }, { kind: 'approve', count: 2 }]);
  const two = [approve, { ...approve, approver_root: 'user:linus' }];
  const unconfirmed = 'fail The requester did not confirm.';

  it('is counted in people, and said', async () => {
    expect(await missing(both, [])).toEqual([unconfirmed, 'fail 0 of 2 people approved.']);
    expect(await missing(both, [confirm, approve])).toEqual(['fail 1 of 2 people approved.']);
    expect(await missing(both, two)).toEqual([unconfirmed]);
    expect(await missing(both, [confirm, ...two])).toEqual(['pass']);
    expect(await missing(demand([{ kind: 'approve', count: 1 }]), two)).toEqual(['pass']);
  });

  it('is no approval of a person who confirms, nor a confirmation of one who rejects', async () => {
    const one = demand([{ kind: 'approve', count: 1 }]);
    expect(await missing(one, [confirm])).toEqual(['fail 0 of 1 people approved.']);
    const reject = { ...approve, kind: 'reject', approver_root: 'user:ada' } as const;
    expect(await missing(demand([{ kind: 'confirm' }]), [reject])).toEqual([unconfirmed]);
    expect(await missing(demand([{ kind: 'confirm' }]), [{ ...reject, kind: 'approve' }])).toEqual(['pass']);
  });

  it('is a decision right after a step-up, and then no other counts', async () => {
    const nobody = 'fail Nobody decided right after a fresh proof of who they are.';
    const stepUp = demand([{ kind: 'step_up' }, { kind: 'step_up' }]);
    const fresh = (statement: ApprovalStatement) => ({ ...statement, stepped_up_at: statement.issued_at });
    expect(await missing(stepUp, [])).toEqual([nobody]);
    expect(await missing(stepUp, [confirm, approve])).toEqual([nobody]);
    expect(await missing(stepUp, [{ ...fresh(approve), kind: 'reject' }])).toEqual([nobody]);
    expect(await missing(stepUp, [fresh(confirm)])).toEqual(['pass']);
    expect(await missing(stepUp, [{ ...confirm, stepped_up_at: confirm.issued_at + 1 }])).toEqual([nobody]);
    const withTwo = demand([{ kind: 'approve', count: 2 }, { kind: 'step_up' }]);
    expect(await missing(withTwo, [fresh(approve), ...two.slice(1)])).toEqual(['fail 1 of 2 people approved.']);
    expect(await missing(withTwo, two.map(fresh))).toEqual(['pass']);
  });

  it('is asked of each group, and one person stands for one of them', async () => {
    const groups = demand([
      { kind: 'approve', count: 1, group: 'dba' },
      { kind: 'approve', count: 1, group: 'security' },
    ]);
    const by = (root: string, ...approver_groups: string[]) => ({ ...approve, approver_root: root, approver_groups });
    expect(await missing(groups, [by('user:grace', 'dba', 'security')])).toEqual([
      'fail 0 of 1 people of group security approved.',
    ]);
    expect(await missing(groups, [by('user:grace', 'dba', 'security'), by('user:linus', 'dba')])).toEqual(['pass']);
    expect(await missing(groups, [approve])).toEqual([
      'fail 0 of 1 people of group dba approved.',
      'fail 0 of 1 people of group security approved.',
    ]);
    const confirmed = { ...confirm, approver_groups: ['dba', 'security'] };
    expect(await missing(groups, [confirmed, by('user:grace', 'dba')])).toEqual([
      'fail 0 of 1 people of group security approved.',
    ]);
    const twoOfOne = demand([{ kind: 'approve', count: 2, group: 'dba' }]);
    expect(await missing(twoOfOne, [by('user:grace', 'dba')])).toEqual(['fail 1 of 2 people of group dba approved.']);
  });

  it('is what the verdict at run start says and what those say that were signed, of the same policy', async () => {
    const now = demand([{ kind: 'confirm' }]);
    const more = demand([{ kind: 'confirm' }, { kind: 'approve', count: 3 }]);
    const signed = [under(confirm, more), under(approve, now)];
    expect(await missing(now, signed, [more])).toEqual(['fail 1 of 3 people approved.']);
    const foreign = demand([{ kind: 'approve', count: 3 }], { policy_set: 'other' });
    expect(await missing(now, [confirm, under(approve, foreign)], [foreign])).toEqual(['pass']);
  });

  it('is what the last signed verdict says, where policy changed since: the order of the file does not matter', async () => {
    const allow = demand([], { decision: 'allow', policy_set: 'new' });
    const early = demand([{ kind: 'approve', count: 5 }]);
    const late = demand([{ kind: 'approve', count: 2 }]);
    const [first, last] = [under(approve, early, 10), under(approve, late, 20)];
    expect(await missing(allow, [first, last], [early, late])).toEqual(['fail 1 of 2 people approved.']);
    expect(await missing(allow, [last, first], [early, late])).toEqual(['fail 1 of 2 people approved.']);
  });

  it('is nothing where a verdict allowed and nothing was signed under any other', async () => {
    const allow = demand([{ kind: 'confirm' }], { decision: 'allow' });
    expect(await missing(allow, [])).toEqual(['pass']);
    expect(await missing(allow, [under(approve, both)])).toEqual(['pass']);
    expect(await missing(allow, [under(approve, allow)])).toEqual([unconfirmed]);
  });
});
