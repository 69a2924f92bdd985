import type { ActionManifest, ConfirmationView, OperationView, Verdict } from '@countersign/protocol';

/** Ids of the sample operation. */
export const sampleIds = {
  op: '019a0000-0000-7000-8000-000000000001',
  bundle: '019a0000-0000-7000-8000-00000000000b',
  digest: `sha256:${'ab'.repeat(32)}`,
} as const;

/** A verdict by one policy. */
export function sampleVerdict(decision: Verdict['decision'], obligations: Verdict['obligations'] = []): Verdict {
  const effect = decision === 'allow' ? 'permit' : 'forbid';
  const policies = [{ id: `${decision}-policy`, text: '', effect } as const];
  return { decision, obligations, policies, policy_set: 'v1', profile: 'standard', reason: '' };
}

/** A planned change of one file on a stage target, allowed; `change` replaces members. */
export function sampleOperation(change: Partial<OperationView> = {}): OperationView {
  return {
    op_id: sampleIds.op,
    bundle_id: sampleIds.bundle,
    status: 'planned',
    display: 'ready',
    detail: {},
    state: 'planned',
    closed_reason: null,
    origin: 'api',
    target: { name: 'shop', project: 'sandbox', environment: 'stage', tier: 'stage', connector: 'repo' },
    effect: 'write',
    risk: 'medium',
    steps: [{ action: 'repo.write_files', inputs: { message: 'm' } }],
    start: 'manual',
    note: '',
    requester: { name: 'admin', root: 'admin', ai: false },
    planned_by: null,
    diffs: [
      {
        step: 0,
        path: 'app.conf',
        summary: '1 line',
        patch: '--- a/app.conf\n+++ b/app.conf\n@@ -1 +1 @@\n-limit=1\n+limit=2\n',
      },
    ],
    checks: [{ id: 'repo.clean', status: 'pass', severity: 'error', message: 'the work tree is clean' }],
    plan: {
      revision: 1,
      digest: sampleIds.digest,
      identity: 'repo:1',
      preconditions: [{ resource: 'main', kind: 'ref', fingerprint: sampleIds.digest, observed: { commit: 'c0ffee' } }],
      rollback: { possible: false, reason: 'sample' },
      volatile: [],
      error: null,
      created_at: 1,
    },
    verdict: sampleVerdict('allow'),
    approvals: [],
    step_up: 'none',
    run: null,
    rollback_of: null,
    rolled_back_by: null,
    group_id: null,
    evidence: null,
    blocked_by: null,
    created_at: 1,
    updated_at: 1,
    next: [],
    ...change,
  };
}

/** The same operation after its run. */
export function sampleEnded(state: 'succeeded' | 'failed' | 'cancelled', code?: string): OperationView {
  const failure = code === undefined ? null : { code, message: `ended with ${code}` };
  return sampleOperation({
    status: state === 'succeeded' ? 'succeeded' : 'failed',
    display: state,
    state: 'closed',
    evidence: 'sealed',
    next: [`countersign evidence get ${sampleIds.bundle}`],
    run: {
      run_id: 'r_1',
      op_id: sampleIds.op,
      state,
      attempt: 1,
      created_at: 1,
      started_at: 1,
      ended_at: 2,
      cancel_requested: false,
      steps: [],
      summary: null,
      failure,
      artifacts: [],
    },
  });
}

/** The action of the sample operation. */
export const sampleAction: ActionManifest = {
  name: 'repo.write_files',
  version: 1,
  title: 'Write files',
  description: 'Writes files.',
  effect: 'write',
  risk: 'medium',
  timeoutMs: 1000,
  outputCapBytes: 1000,
  idempotency: 'guard',
  replay: 'exact',
  follows: false,
  inputSchema: {
    type: 'object',
    properties: {
      files: {
        type: 'array',
        items: {
          anyOf: [
            {
              type: 'object',
              properties: { path: { type: 'string' }, content: { type: 'string' } },
              additionalProperties: false,
            },
            {
              type: 'object',
              properties: { path: { type: 'string' }, delete: { const: true } },
              additionalProperties: false,
            },
          ],
        },
      },
      message: { type: 'string' },
      executable: { type: 'boolean' },
    },
    required: ['files', 'message'],
    additionalProperties: false,
  },
};

/** What the requester of the sample operation is asked to confirm. */
export function sampleConfirmation(): ConfirmationView {
  const { op_id, risk, effect, target, steps, diffs, checks } = sampleOperation();
  const bound = { confirmation: 'csc_sample', expires_at: 2, digest: sampleIds.digest };
  return { op_id, risk, effect, steps, diffs, checks, target: { ...target, identity: 'repo:1' }, ...bound };
}
