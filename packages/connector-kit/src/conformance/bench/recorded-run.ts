import { type PlanBody, PlannedContent, type ReplayRecord } from '@countersign/protocol';
import { manifestOf } from '../../manifest/manifest.ts';
import { replayedPlanDigest } from '../../replay/plan-digest.ts';
import type { ConformanceTarget, WriteCase } from '../harness.ts';
import { type Bench, stored } from './bench.ts';
import { runList } from './list-run.ts';

/** A plan's record under its own digest, as a bundle would hold both. */
export function recordOf(plan: PlanBody, steps: ReplayRecord['steps']): ReplayRecord {
  return { plan, plan_digest: replayedPlanDigest(plan), steps };
}

/** Plans and runs a list, and keeps of it what a bundle keeps. */
export async function recordedRun<Target extends ConformanceTarget>(
  bench: Bench<Target>,
  subject: WriteCase<Target>,
): Promise<ReplayRecord> {
  const steps = bench.parse(subject.steps);
  const connection = bench.connect();
  const planned = PlannedContent.parse(stored(await connection.plan(steps, bench.context())));
  const { preconditions, diffs, checks, rollback, identity } = planned;
  const { connector, version, hash } = manifestOf(bench.harness.connector);
  const done = await runList(connection, steps, bench.context(), bench.target.ports.now());
  const plan: PlanBody = {
    schema: 'countersign.plan.v1',
    target: { name: 'target', project: 'p', environment: 'dev', tier: 'dev', connector, identity },
    steps: steps.map(({ index, action }) => {
      const { version: actionVersion, replay } = bench.action(action);
      return { index, action, version: actionVersion, replay, inputs: subject.steps[index]?.inputs ?? {} };
    }),
    preconditions,
    diffs,
    checks,
    rollback,
    connector: { name: connector, version, manifest_hash: hash },
  };
  return recordOf(
    plan,
    done.map(({ step, intent, seen }) => {
      const { index, idempotencyKey } = step;
      return { index, state: 'verified', idempotency_key: idempotencyKey, before: intent.before, after: seen };
    }),
  );
}
