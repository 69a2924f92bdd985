import type { ApprovalView, Grant, Obligation, OperationView, Principal } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { asksOf, mayAt } from './waits-for.ts';

const id = '01912345-6789-7abc-8def-0123456789ab';
const digest = `sha256:${'0'.repeat(64)}`;

function person(name: string, ...grants: Grant[]): Principal {
  const role = grants[0]?.role ?? 'viewer';
  return { id: `person:${name}`, name, kind: 'person', role, grants, groups: [], scopes: null, root: name, ai: false };
}
const everywhere = (role: Grant['role']): Grant => ({ role, project: '*', environment: '*' });
const bob = person('bob', everywhere('approver'));
const alice = person('alice', everywhere('actions'));

interface Standing {
  readonly display?: string;
  readonly state?: OperationView['state'];
  readonly obligations?: Obligation[];
  readonly approvals?: ApprovalView[];
  readonly stepUp?: OperationView['step_up'];
  readonly profile?: 'standard' | 'solo';
}

/** alice's change in shop/prod. */
function change({
  display = 'waiting_approval',
  state = 'planned',
  profile = 'standard',
  ...rest
}: Standing): OperationView {
  const obligations = rest.obligations ?? [{ kind: 'approve', count: 1 }];
  return {
    op_id: id,
    bundle_id: id,
    status: 'planned',
    display,
    detail: {},
    state,
    closed_reason: null,
    origin: 'api',
    target: { name: 'shop-prod', project: 'shop', environment: 'prod', tier: 'prod', connector: 'repo' },
    effect: 'write',
    risk: 'medium',
    steps: [],
    start: 'manual',
    note: '',
    requester: { name: 'alice', root: 'alice', ai: false },
    planned_by: null,
    diffs: [],
    checks: [],
    plan: null,
    verdict: { decision: 'needs', obligations, policies: [], policy_set: 'p', profile, reason: '' },
    approvals: rest.approvals ?? [],
    step_up: rest.stepUp ?? 'none',
    run: null,
    rollback_of: null,
    rolled_back_by: null,
    group_id: null,
    evidence: null,
    blocked_by: null,
    created_at: 0,
    updated_at: 0,
    next: [],
  };
}

function approval(principal: string, withProof: boolean, kind: ApprovalView['kind'] = 'approve'): ApprovalView {
  const dates = { issued_at: 0, expires_at: 1 };
  const signed = { approval_id: id, plan_digest: digest, comment: '', state: 'valid' } as const;
  return { ...signed, ...dates, groups: [], kind, principal, stepped_up: withProof };
}

it('an approval is asked of others who may approve there, once, and never of whoever asked', () => {
  expect(asksOf(change({}), bob)).toEqual(['approve']);
  expect(asksOf(change({}), alice)).toEqual([]);
  expect(asksOf(change({}), person('alice', everywhere('admin')))).toEqual([]);
  expect(asksOf(change({ profile: 'solo' }), person('alice', everywhere('admin')))).toEqual(['approve']);
  expect(asksOf(change({}), person('vera', everywhere('viewer')))).toEqual([]);
  expect(asksOf(change({ approvals: [approval('bob', false)] }), bob)).toEqual([]);
  expect(asksOf(change({ approvals: [approval('carl', false)] }), bob)).toEqual(['approve']);
});

it('a role counts where the change goes, and nowhere else', () => {
  const at = (project: string, environment: string): Principal =>
    person('bob', { role: 'approver', project, environment });
  expect(
    [at('shop', 'prod'), at('*', 'prod'), at('shop', '*')].map((who) => mayAt(who, 'approver', change({}))),
  ).toEqual([true, true, true]);
  expect([at('shop', 'dev'), at('other', '*'), at('*', 'stage')].map((who) => asksOf(change({}), who))).toEqual([
    [],
    [],
    [],
  ]);
  expect(mayAt(at('shop', 'prod'), 'admin', change({}))).toBe(false);
});

it('a confirmation is asked of the requester, the start of whoever may run it, and of nobody once it is over', () => {
  const both: Obligation[] = [{ kind: 'confirm' }, { kind: 'approve', count: 1 }];
  const open = change({ display: 'waiting_confirmation', obligations: both });
  expect([asksOf(open, alice), asksOf(open, bob)]).toEqual([['confirm'], ['approve']]);
  const ready = change({ display: 'ready', obligations: [] });
  expect([asksOf(ready, alice), asksOf(ready, bob)]).toEqual([['start'], ['start']]);
  expect(asksOf(ready, person('mallory', everywhere('actions')))).toEqual([]);
  for (const display of ['held', 'running', 'denied']) expect(asksOf(change({ display }), bob)).toEqual([]);
  expect(asksOf(change({ state: 'closed' }), bob)).toEqual([]);
});

it('where a proof is wanted, an approval without one does not count, and is asked for again', () => {
  for (const stepUp of ['needed', 'fresh'] as const) {
    expect(asksOf(change({ stepUp, approvals: [approval('bob', false)] }), bob)).toEqual(['approve']);
    expect(asksOf(change({ stepUp, approvals: [approval('bob', true)] }), bob)).toEqual([]);
  }
  expect(asksOf(change({ approvals: [approval('bob', false)] }), bob)).toEqual([]);
});
