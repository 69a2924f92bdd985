import { epochNanoseconds, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { PlannedContent, RollbackPlan, Volatile } from '@countersign/protocol';
import type { Container } from './answers.ts';
import type { StepView } from './change/change.ts';
import { changeOf } from './change/changes.ts';
import type { DockerClient } from './client.ts';
import { look, preconditionsOf } from './observe.ts';
import { Facts, observedContainer } from './observed.ts';
import { ownContainerId } from './own-container.ts';

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

/** The inverses in reverse order, or the first reason why there is no way back. */
function rollbackOf(views: readonly StepView[]): RollbackPlan {
  const inverses = views.flatMap(({ step, found }) => {
    if (found.container === undefined) return [];
    const inverse = changeOf(step.action).inverse(step, observedContainer(found.container));
    return inverse === null ? [] : [{ undoes: step.index, inverse }];
  });
  const steps = inverses
    .flatMap(({ undoes, inverse }) => (typeof inverse === 'string' ? [] : [{ ...inverse, undoes }]))
    .reverse();
  const reason = inverses.map(({ inverse }) => inverse).find((inverse) => typeof inverse === 'string');
  if (typeof reason === 'string') return { possible: false, reason };
  if (steps.length === 0)
    return { possible: false, reason: 'There is no container, so there is nothing to take back.' };
  const names = steps.map(({ action, inputs }) => `${action} ${String(inputs['container'])}`);
  return { possible: true, summary: names.join(', then '), steps };
}

/** Plans a list of changes as a whole. */
export async function plan(
  client: DockerClient,
  steps: readonly ParsedStep[],
  nowMs: number,
  context: WorkContext,
): Promise<PlannedContent> {
  const { identity, views } = await look(client, steps, context.signal);
  const running = await client.list(false, context.signal);
  const ownId = await ownContainerId();
  const preconditions = preconditionsOf(views);
  const facts = new Facts(preconditions);
  const there = views.filter(
    ({ found, other }) => found.container !== undefined && (other === undefined || other.container !== undefined),
  );
  const containers = new Map(
    there.flatMap(({ found }) => (found.container ? [[found.container.id, found.container]] : [])),
  );
  return {
    identity,
    preconditions,
    diffs: there.map(({ step }) => changeOf(step.action).diff(step, facts)),
    checks: views.flatMap((view, index) =>
      changeOf(view.step.action).checks(view, { running, ownId, earlier: views.slice(0, index) }),
    ),
    rollback: rollbackOf(views),
    volatile: [...containers.values()].flatMap((container) => ageing(container, nowMs)),
  };
}
