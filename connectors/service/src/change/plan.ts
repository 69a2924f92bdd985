import type { ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { PlannedContent, RollbackPlan } from '@countersign/protocol';
import type { Driver } from '../driver/driver.ts';
import type { Host } from '../host/host.ts';
import { startAction, stopAction } from '../manifest.ts';
import { isUp, type Service } from '../service.ts';
import { changeDiff } from './change-diff.ts';
import { changeChecks } from './checks.ts';
import { look, preconditionsOf, type StepView } from './observe.ts';

function rollbackOf(views: readonly StepView[]): RollbackPlan {
  if (views.some(({ verb }) => verb === 'restart')) {
    return {
      possible: false,
      reason: 'A restart cannot be taken back: the process that ran before is gone, with what it held in memory.',
    };
  }
  const steps = [...views].reverse().flatMap(({ index, verb, inputs, found }) => {
    const inverse = (service: string) => ({
      action: verb === 'start' ? stopAction.name : startAction.name,
      inputs: { ...inputs, service },
      undoes: index,
    });
    // What stops with a service does not come back with it.
    const dependents = verb === 'stop' ? (found.service?.dependents ?? []) : [];
    return [inverse(found.service?.name ?? found.asked), ...dependents.map(inverse)];
  });
  return {
    possible: true,
    summary: 'bring the services back to run or not to run, as before; processes are new ones',
    steps,
  };
}

function ageing({ name, pid, startedAt, restarts, exit }: Service) {
  return [
    { label: `${name}: process`, value: pid === 0 ? 'none' : String(pid) },
    { label: `${name}: started at`, value: startedAt ?? 'not told' },
    { label: `${name}: restarts by its manager`, value: String(restarts) },
    { label: `${name}: last end`, value: exit ?? 'not told' },
  ];
}

/** Plans a list of changes. `ownProcesses` as the checks want them. */
export async function plan(
  host: Host,
  driver: Driver,
  steps: readonly ParsedStep[],
  ownProcesses: ReadonlySet<number>,
  context: WorkContext,
): Promise<PlannedContent> {
  const { identity, views } = await look(host, driver, steps, context.signal);
  const planned: PlannedContent = {
    identity,
    preconditions: preconditionsOf(views),
    diffs: [],
    checks: [],
    rollback: rollbackOf(views),
    volatile: [],
  };
  const seen = new Set<string>();
  for (const { index, verb, inputs, found } of views) {
    const { service } = found;
    const seenBefore = service !== undefined && seen.has(service.name);
    planned.checks.push(...changeChecks(verb, found, { ownProcesses, seenBefore }));
    if (service === undefined) continue;
    seen.add(service.name);
    planned.diffs.push(changeDiff(index, verb, { ...service, up: isUp(service) }, inputs.stable_seconds));
    planned.volatile.push(...ageing(service));
  }
  return planned;
}
