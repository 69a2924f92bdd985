import { ClosedReason, type Obligation, OperationState, OperationStatus, RunState } from '@countersign/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { approvalOf, digestOf, failedPlan, operationOf, planOf, runOf, verdictOf } from '../fixture/rows.ts';
import { displayStatus, statusWords } from './display-status.ts';

const a = digestOf('a');
const failing = [{ id: 'c', status: 'fail', severity: 'error', message: 'no' } as const];
const obligations: Obligation[][] = [[], [{ kind: 'confirm' }], [{ kind: 'approve', count: 1 }]];
const operations = fc
  .record({
    state: fc.constantFrom(...OperationState.options),
    closedReason: fc.constantFrom(null, ...ClosedReason.options),
    verdict: fc.oneof(
      fc.constant(null),
      fc.record({ decision: fc.constantFrom('allow', 'deny', 'needs'), open: fc.constantFrom(...obligations) }),
    ),
  })
  .map(({ verdict, ...rest }) =>
    operationOf({ ...rest, verdict: verdict === null ? null : verdictOf(verdict.decision, verdict.open) }),
  );
const plans = fc.constantFrom(null, planOf(a), planOf(a, failing), failedPlan);
const approvals = fc.array(
  fc.record({ digit: fc.constantFrom('a', 'b'), expiresAt: fc.nat(20), voidedAt: fc.constantFrom(null, 1) }),
  { maxLength: 3 },
);
const codes = ['E_PLAN_STALE', 'E_TIMEOUT', 'E_PANIC'];
const runs = fc.oneof(
  fc.constant(null),
  fc.record({ state: fc.constantFrom(...RunState.options), code: fc.constantFrom(null, ...codes) }),
);
const situations = fc.record({
  operation: operations,
  plan: plans,
  approvals,
  run: runs,
  now: fc.nat(20),
  back: fc.boolean(),
});

function statusOf(situation: typeof situations extends fc.Arbitrary<infer S> ? S : never) {
  const { operation, plan, run, now, back } = situation;
  const given = situation.approvals.map(({ digit, expiresAt, voidedAt }) =>
    approvalOf('approve', digestOf(digit), expiresAt, { voidedAt }),
  );
  const failure = run?.code == null ? null : { code: run.code, message: 'm' };
  return displayStatus(operation, plan, given, run === null ? null : runOf({ state: run.state, failure }), now, back);
}

describe('displayStatus', () => {
  it('says of what is held that it is approved and waits', () => {
    expect(statusWords.held).toEqual({ cp: 'planned', ip: 'pending', orDraft: 'approved', orRun: 'pending' });
  });

  it('always answers a word that every face can say', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        const { status } = statusOf(situation);
        const words = statusWords[status];
        expect(OperationStatus.options).toContain(words.cp);
        expect(Object.values(words).every((word) => word.length > 0)).toBe(true);
        expect(Object.keys(words).sort()).toEqual(['cp', 'ip', 'orDraft', 'orRun']);
      }),
      { numRuns: 3000 },
    );
  });

  it('shows a run that exists, whatever operation, plan and approvals say', () => {
    fc.assert(
      fc.property(situations, (situation) => {
        fc.pre(situation.run !== null);
        const { status, detail } = statusOf(situation);
        const state = situation.run?.state;
        if (state !== 'failed' && state !== 'succeeded') expect(status).toBe(state);
        expect(detail['outcome']).toBe(state === 'outcome_unknown' ? 'unknown' : undefined);
        expect(detail['code']).toBe(situation.run?.code ?? undefined);
      }),
      { numRuns: 1000 },
    );
  });

  it('says ready only of a planned operation whose plan, checks, verdict and decisions hold now', () => {
    let ready = 0;
    fc.assert(
      fc.property(situations, (situation) => {
        if (statusOf(situation).status !== 'ready') return;
        ready += 1;
        const { operation, plan, approvals: given, run, now } = situation;
        expect([operation.state, run, operation.verdict?.decision]).toEqual(['planned', null, 'allow']);
        expect(plan?.body?.checks).toEqual([]);
        const standing = given.filter(({ voidedAt }) => voidedAt === null);
        const live = standing.filter(({ digit, expiresAt }) => digit === 'a' && expiresAt > now);
        if (standing.length > 0) expect(live.length).toBeGreaterThan(0);
      }),
      { numRuns: 6000 },
    );
    expect(ready).toBeGreaterThan(10);
  });

  it.each(['failed', 'succeeded'] as const)('a rolled back %s run shows so, a stale one stays stale', (state) => {
    const status = (code: string | null, back: boolean) =>
      displayStatus(
        operationOf(),
        planOf(a),
        [],
        runOf({ state, failure: code === null ? null : { code, message: 'm' } }),
        0,
        back,
      ).status;
    expect(status(null, true)).toBe('rolled_back');
    expect(status(null, false)).toBe(state);
    if (state === 'failed') expect(status('E_PLAN_STALE', true)).toBe('stale');
  });

  it('an unknown outcome shows as failed or error to every face, and says in the detail that it is unknown', () => {
    const { status, detail } = displayStatus(operationOf(), planOf(a), [], runOf({ state: 'outcome_unknown' }), 0);
    expect(statusWords[status]).toEqual({ cp: 'failed', ip: 'error', orDraft: 'approved', orRun: 'error' });
    expect(detail).toEqual({ outcome: 'unknown' });
  });

  it('tells confirmation from approval, and an approval that lapsed from one that holds', () => {
    const waiting = (open: Obligation[]) =>
      displayStatus(operationOf({ verdict: verdictOf('needs', open) }), planOf(a), [], null, 5).status;
    expect(waiting([{ kind: 'confirm' }])).toBe('waiting_confirmation');
    expect(waiting([{ kind: 'approve', count: 1 }])).toBe('waiting_approval');
    expect(waiting([{ kind: 'step_up' }])).toBe('waiting_confirmation');
    expect(waiting([{ kind: 'step_up' }, { kind: 'approve', count: 1 }])).toBe('waiting_approval');
    const approved = [approvalOf('approve', a, 10)];
    expect(displayStatus(operationOf(), planOf(a), approved, null, 9).status).toBe('ready');
    expect(displayStatus(operationOf(), planOf(a), approved, null, 10).status).toBe('waiting_approval');
  });
});
