import { epochNanoseconds, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { PlannedContent, RollbackPlan, Volatile } from '@countersign/protocol';
import type { Container } from './answers.ts';
import { restartChecks } from './checks.ts';
import type { DockerClient } from './client.ts';
import { look, preconditionsOf } from './observe.ts';
import { ownContainerId } from './own-container.ts';
import { restartDiff } from './restart-diff.ts';

const rollback: RollbackPlan = {
  possible: false,
  reason: 'A restart cannot be taken back: the process that ran before is gone, with what it held in memory.',
};

function ageing(container: Container, nowMs: number): Volatile {
  const { name, startedAt, restartCount, state, health } = container;
  const startedMs = (epochNanoseconds(startedAt) ?? 0n) / 1_000_000n;
  const uptimeSeconds = Math.max(0, Math.floor((nowMs - Number(startedMs)) / 1000));
  return [
    { label: `${name}: started at`, value: startedAt },
    { label: `${name}: uptime`, value: state === 'running' ? `${uptimeSeconds} s` : 'not running' },
    { label: `${name}: restarts by its policy`, value: String(restartCount) },
    { label: `${name}: health`, value: health },
  ];
}

/** Plans a list of restarts. */
export async function plan(
  client: DockerClient,
  steps: readonly ParsedStep[],
  nowMs: number,
  context: WorkContext,
): Promise<PlannedContent> {
  const { identity, views } = await look(client, steps, context.signal);
  const others = await client.list(false, context.signal);
  const ownId = await ownContainerId();
  const planned: PlannedContent = {
    identity,
    preconditions: preconditionsOf(views),
    diffs: [],
    checks: [],
    rollback,
    volatile: [],
  };
  const seen = new Set<string>();
  for (const { step, inputs, found } of views) {
    const { container } = found;
    planned.checks.push(...restartChecks(found, others, ownId, container !== undefined && seen.has(container.id)));
    if (container === undefined) continue;
    seen.add(container.id);
    planned.diffs.push(restartDiff(step.index, container, inputs.stop_timeout_seconds));
    planned.volatile.push(...ageing(container, nowMs));
  }
  return planned;
}
