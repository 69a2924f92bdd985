import type { ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { PlannedContent, RollbackPlan } from '@countersign/protocol';
import type { Jvm } from '../jcmd/find-jvm.ts';
import type { Jcmd } from '../jcmd/jcmd.ts';
import { gcChecks } from './checks.ts';
import { gcDiff } from './gc-diff.ts';
import { look, preconditionsOf } from './observe.ts';

const rollback: RollbackPlan = {
  possible: false,
  reason: 'A collection cannot be taken back, and need not be: what it takes away was reachable by nobody.',
};

function ageing({ name, counters }: Jvm, nowMs: number) {
  const { beganAt, threads, collectors, lastCause } = counters;
  return [
    { label: `${name}: uptime`, value: `${Math.max(0, Math.floor((nowMs - beganAt) / 1000))} s` },
    { label: `${name}: threads`, value: String(threads.live) },
    { label: `${name}: last collection because of`, value: lastCause },
    ...collectors.map((each) => ({
      label: `${name}: ${each.name}`,
      value: `${each.collections} in ${each.totalMs} ms`,
    })),
  ];
}

/** Plans a list of collections. `identity` names the place. */
export async function plan(
  jcmd: Jcmd,
  identity: string,
  steps: readonly ParsedStep[],
  nowMs: number,
  context: WorkContext,
): Promise<PlannedContent> {
  const views = await look(jcmd, steps, context.signal);
  const planned: PlannedContent = {
    identity,
    preconditions: preconditionsOf(views),
    diffs: [],
    checks: [],
    rollback,
    volatile: [],
  };
  const seen = new Set<number>();
  for (const { index, found } of views) {
    const { jvm } = found;
    planned.checks.push(...gcChecks(found, jvm !== undefined && seen.has(jvm.pid)));
    if (jvm === undefined) continue;
    seen.add(jvm.pid);
    planned.diffs.push(gcDiff(index, { ...jvm, ...jvm.flags }));
    planned.volatile.push(...ageing(jvm, nowMs));
  }
  return planned;
}
