import { fingerprint, replayedPlanDigest, replayRecord, type WorkContext } from '@countersign/connector-kit';
import type { PlanBody, ReplayRecord, ReplayReport } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { restartDiff } from './change/power-diff.ts';
import { dockerConnector } from './connector.ts';
import { ObservedContainer } from './observed.ts';

const id = 'c'.repeat(64);
const observed = {
  exists: true,
  id,
  name: 'web',
  image: 'nginx:1',
  image_digest: `sha256:${'1'.repeat(64)}`,
  restart_policy: 'no',
  state: 'exited',
  limits: { memory_bytes: 0, memory_swap_bytes: 0, nano_cpus: 0, pids_limit: 0 },
  networks: ['bridge'],
};
const container = ObservedContainer.parse(observed);
const plan: PlanBody = {
  schema: 'countersign.plan.v1',
  target: { name: 'd', project: 'p', environment: 'prod', tier: 'prod', connector: 'docker', identity: 'docker:x' },
  steps: [
    {
      index: 0,
      action: 'docker.restart_container',
      version: 1,
      replay: 'simulated',
      inputs: { container: id.slice(0, 12), stop_timeout_seconds: 3 },
    },
  ],
  preconditions: [
    { resource: 'containers/web', kind: 'docker.container', fingerprint: fingerprint(observed), observed },
  ],
  diffs: [restartDiff(0, container, 3)],
  checks: [],
  rollback: { possible: false, reason: 'a restart cannot be taken back' },
  connector: { name: 'docker', version: '0.1.0', manifest_hash: `sha256:${'0'.repeat(64)}` },
};
const state = { id, name: 'web', finished_at: '2026-01-01T00:00:00Z', restart_count: 0, health: 'none' };
const before = { ...state, state: 'exited', pid: 0, started_at: '2026-01-01T00:00:00.1Z' };
const after = { ...state, state: 'running', pid: 7, started_at: '2026-01-01T00:00:00.11Z' };
const record: ReplayRecord = {
  plan,
  plan_digest: replayedPlanDigest(plan),
  steps: [{ index: 0, state: 'verified', idempotency_key: 'k.0', before, after }],
};
const context: WorkContext = {
  signal: new AbortController().signal,
  outputCapBytes: 1000,
  output: async () => true,
  progress: () => undefined,
};

/** No daemon listens there: a simulation asks none. */
async function replayed(changed: ReplayRecord): Promise<ReplayReport> {
  const ports = { exec: { run: () => Promise.reject(new Error('no program is run')) }, now: () => 0 };
  const target = dockerConnector.connect({ socket: '/nowhere/docker.sock' }, ports);
  const actions = new Map(dockerConnector.actions.map((action) => [action.name, action]));
  return await replayRecord(target, actions, changed, context);
}
const unequal = ({ compared }: ReplayReport) => compared.filter(({ equal }) => !equal).map(({ what }) => what);

it('simulates a restart from the recorded observation without any daemon, and says so (CP-14)', async () => {
  const report = await replayed(record);
  expect(unequal(report)).toEqual([]);
  expect(report).toMatchObject({ mode: 'simulated', matches: true });
  expect(report.says).toMatch(/^simulated: .* no container was touched$/);
  expect(report.compared.map(({ what }) => what)).toEqual([
    'plan digest',
    'docker.container containers/web',
    'diff containers/web',
    'container before',
    'state before',
    'container after',
    'state after',
    'started later',
    'another process',
  ]);
});

it.each([
  ['another process that is none', { ...after, pid: 0 }, ['another process']],
  ['a start that was earlier', { ...after, started_at: '2026-01-01T00:00:00.09Z' }, ['started later']],
  ['a container that does not run', { ...after, state: 'exited' }, ['state after']],
  ['another container', { ...after, id: 'd'.repeat(64) }, ['container after']],
])('finds %s (CP-14)', async (_what, changed, expected) => {
  const [step] = record.steps;
  if (step === undefined) throw new Error('no step');
  expect(unequal(await replayed({ ...record, steps: [{ ...step, after: changed }] }))).toEqual(expected);
});

it('finds an observation that does not have its fingerprint, and the diff that follows from it (CP-14)', async () => {
  const [precondition] = plan.preconditions;
  if (precondition === undefined) throw new Error('no precondition');
  const preconditions = [{ ...precondition, observed: { ...observed, state: 'running' } }];
  const changed = { ...plan, preconditions };
  const report = await replayed({ ...record, plan: changed, plan_digest: replayedPlanDigest(changed) });
  expect(unequal(report)).toEqual([
    'plan digest',
    'docker.container containers/web',
    'diff containers/web',
    'state before',
  ]);
});

it("compares nothing of a step that was never applied or that rests on a person's word (CP-14)", async () => {
  const [step] = record.steps;
  if (step === undefined) throw new Error('no step');
  const skipped = await replayed({ ...record, steps: [{ ...step, state: 'skipped', before: null, after: null }] });
  expect(skipped).toMatchObject({ matches: true, equal: 3, steps: [{ replayed: false }] });
  const word = { resolved_by: 'bob', reason: 'I looked' };
  const resolved = await replayed({ ...record, steps: [{ ...step, after: word }] });
  expect(resolved).toMatchObject({ matches: true, equal: 5 });
});
