import type { OperationView } from '@countersign/protocol';
import { expect, onTestFinished, test } from 'vitest';
import { connectedClient, type FakeCall, fakeBridge } from '../fixture/fake-bridge.ts';
import { sampleId } from '../fixture/samples.ts';

const secret = 'the exact diff of the plan';

/** What the server answers to a proposal, whole plan and all. */
function proposed({ body }: FakeCall): OperationView {
  return {
    op_id: sampleId.op,
    bundle_id: sampleId.op,
    status: 'planned',
    display: 'waiting',
    detail: { secret },
    state: 'planned',
    closed_reason: null,
    origin: 'api',
    target: { name: 'web', project: 'shop', environment: 'dev', tier: 'dev', connector: 'docker' },
    effect: 'write',
    risk: 'low',
    steps: [],
    start: 'manual',
    note: JSON.stringify(body),
    requester: { name: 'robo', root: 'alice', ai: true },
    diffs: [{ step: 0, path: 'web', summary: secret, patch: secret }],
    checks: [],
    plan: null,
    verdict: null,
    approvals: [],
    run: null,
    rollback_of: null,
    rolled_back_by: null,
    evidence: null,
    blocked_by: null,
    step_up: 'none',
    planned_by: null,
    group_id: null,
    created_at: 1,
    updated_at: 1,
    next: [],
  };
}

async function proposer() {
  const { bridge, calls } = fakeBridge({ opsPlan: proposed });
  const client = await connectedClient(bridge);
  onTestFinished(() => client.close());
  const call = (given: Record<string, unknown>) =>
    client.callTool({ name: 'propose', arguments: { idempotency_key: 'k', ...given } });
  return { call, calls };
}

const steps = [{ action: 'docker.restart', inputs: { container: 'web' } }];

// Whoever's token it is: what speaks here is a model, and one key is one plan.
const byModel = {
  plan_id: '8254c329-a928-80f6-8539-dd376f4816ee',
  planner: 'model',
  provider: 'mcp',
  model: 'unknown',
};

test('a proposal answers a receipt, however much the server says of it (OR-7)', async () => {
  const { call, calls } = await proposer();
  const result = await call({ steps, target: 'web', note: 'it hangs' });
  expect(result.structuredContent).toEqual({
    receipt: sampleId.draft,
    status: 'received',
    see: `A person sees it at http://countersign.test/ops/${sampleId.draft}`,
    next: `Once approved it stands in ops://approved as ${sampleId.approved}.`,
  });
  expect(JSON.stringify(result)).not.toContain(secret);
  expect(calls[0]?.body).toEqual({
    ...{ steps, target: 'web', note: 'it hangs', request_id: 'k', start: 'manual' },
    planned_by: byModel,
  });
});

test('an instruction is one step that hands it over', async () => {
  const { call, calls } = await proposer();
  await call({ instruction: 'Tidy up.', context: { issue: 1 }, agent: 'renamer' });
  expect(calls[0]?.body).toEqual({
    steps: [{ action: 'agent.dispatch', inputs: { instruction: 'Tidy up.', context: { issue: 1 }, agent: 'renamer' } }],
    request_id: 'k',
    start: 'manual',
    planned_by: byModel,
  });
});

test.each([
  [{}, 'either typed steps or an instruction'],
  [{ steps, instruction: 'x' }, 'either typed steps or an instruction'],
  [{ steps, agent: 'renamer' }, 'belong to an instruction'],
  [{ instruction: 'x', target: 'web' }, 'no target of its own'],
  [{ steps: [{ action: 'no such name', inputs: {} }] }, 'steps.0.action'],
  [{ steps: [] }, 'steps'],
  [{ instruction: ' \n ' }, 'instruction'],
  [{ steps, idempotency_key: 'a b' }, 'idempotency_key'],
  [{ steps, approve: true }, 'approve'],
])('%j is refused before anything is asked, with the field', async (given, named) => {
  const { call, calls } = await proposer();
  const result = await call(given);
  expect(result).toMatchObject({ isError: true });
  expect(JSON.stringify(result.content)).toContain(named);
  expect(calls).toEqual([]);
});
