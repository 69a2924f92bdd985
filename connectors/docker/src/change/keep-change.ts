import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError, compareReplay, interruption, type WorkContext } from '@countersign/connector-kit';
import { z } from 'zod';
import type { Container } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import { Guard, guardAfter, Recreated } from '../kept-state.ts';
import { lastLines } from '../logs/last-lines.ts';
import { KeepInputs, keepAction, recreateAction } from '../manifest/recreate-actions.ts';
import { type Change, nothingElse } from './change.ts';
import { checkOf, existence, fail, isThere, pass } from './common-checks.ts';
import { keepDiff } from './recreate-diff.ts';
import { exchange, failedName } from './swap.ts';

const pollMs = 250;
/** How long a container without health check must stay up. */
const stayUpMs = 5_000;
const readMs = 30_000;

const Result = z.strictObject({
  container: z.string(),
  serving: z.enum(['new', 'old']),
  serving_id: z.string(),
  /** Why the new container was not kept; null if it was. */
  problem: z.string().nullable(),
  last_log_lines: z.array(z.string()),
});

/** What is wrong with the new container; `null` that nothing is, `undefined` that it is not known yet. */
export function judge(
  container: Container | undefined,
  { new_id: id, problem }: Recreated,
  upMs: number,
): string | null | undefined {
  if (problem !== null) return problem;
  if (container === undefined || container.id !== id) return 'it is not there any more';
  const { state, exitCode, restartCount, health } = container;
  if (state !== 'running') return `it is ${state} with exit code ${exitCode}`;
  if (restartCount > 0) return `it crashes: its restart policy had to start it again (exit code ${exitCode})`;
  if (health === 'unhealthy') return 'its health check says unhealthy';
  if (health === 'healthy') return null;
  const isChecked = health !== 'none' && health !== '';
  return !isChecked && upMs >= stayUpMs ? null : undefined;
}

/** Waits for the new container. Answers why it is not kept; null if it is. */
async function awaitHealth(
  client: DockerClient,
  recreated: Recreated,
  withinSeconds: number,
  { signal, progress }: WorkContext,
): Promise<string | null> {
  const withinMs = Math.max(withinSeconds * 1000, stayUpMs);
  for (let waitedMs = 0; ; waitedMs += pollMs) {
    const container = await client.inspect(recreated.name, signal);
    const verdict = judge(container, recreated, waitedMs);
    if (verdict !== undefined) return verdict;
    if (waitedMs >= withinMs) return `its health check did not say healthy within ${withinSeconds} s`;
    if (waitedMs % 5000 === 0)
      progress(`waiting for ${recreated.name}: ${container?.health ?? ''}`, waitedMs / withinMs);
    await sleep(pollMs, undefined, { signal }).catch(() => {
      throw interruption(signal, 'waiting for the new container', 'none');
    });
  }
}

function recreatedBy(guard: Guard, name: string): Recreated {
  const found = guard.recreated.find((each) => each.name === name || each.old_id.startsWith(name));
  if (found !== undefined) return found;
  throw new ConnectorError('E_VALIDATION', `no step before recreated ${name}`, {
    effect: 'none',
    detail: { next: `propose ${recreateAction.name}: this step comes with it` },
  });
}

/** The lines that a container wrote last, for whoever asks why it was not kept. */
async function linesOf(client: DockerClient, id: string): Promise<string[]> {
  const signal = AbortSignal.timeout(readMs);
  const container = await client.inspect(id, signal);
  return container === undefined ? [] : await lastLines(client, container, signal);
}

/** Puts the old container back. */
async function putBack(client: DockerClient, recreated: Recreated, stopTimeoutSeconds: number): Promise<void> {
  const { name, new_id: out, old_id: into, restart_policy: restartPolicy } = recreated;
  await exchange(client, { name, out, aside: failedName(name, out), into, restartPolicy, stopTimeoutSeconds });
}

/** `docker.keep_if_healthy`: the declared compensation of a recreation. */
export const keepChange: Change = {
  action: keepAction.name,
  look: nothingElse,
  checks: ({ found, step }, { earlier }) => {
    if (!isThere(found)) return [existence(found)];
    const follows = earlier.some(
      (view) => view.step.action === recreateAction.name && view.found.container?.id === found.container.id,
    );
    const { name } = found.container;
    return [
      checkOf(
        'follows_recreation',
        found,
        follows
          ? pass(`step ${step.index} judges the container that an earlier step recreates`)
          : fail(`no earlier step recreates ${name}: this step comes with ${recreateAction.name}`),
      ),
    ];
  },
  diff: (step, facts) => {
    const inputs = KeepInputs.parse(step.inputs);
    return keepDiff(step.index, inputs, facts.requireContainer(inputs.container, step.index));
  },
  inverse: () => null,
  before: async (_client, step, guard) => recreatedBy(Guard.parse(guard), KeepInputs.parse(step.inputs).container),
  apply: async (client, step, before, guard, context) => {
    const inputs = KeepInputs.parse(step.inputs);
    const recreated = Recreated.parse(before);
    const kept = Guard.parse(guard);
    const serving = await client.inspect(recreated.name, context.signal);
    // A worker before us may have put the old one back already.
    const isBack = serving?.id === recreated.old_id && serving.state === 'running';
    const problem = isBack
      ? 'it was not healthy'
      : await awaitHealth(client, recreated, inputs.healthy_within_seconds, context);
    if (problem === null) {
      const after = {
        container: recreated.name,
        serving: 'new',
        serving_id: recreated.new_id,
        problem,
        last_log_lines: [],
      };
      return { after, guard };
    }
    const lines = await linesOf(client, recreated.new_id);
    context.progress(`${recreated.name} is not kept: ${problem}; putting the old container back`);
    if (!isBack) await putBack(client, recreated, inputs.stop_timeout_seconds);
    const old = await client.inspect(recreated.old_id, AbortSignal.timeout(readMs));
    return {
      after: {
        ...{ container: recreated.name, serving: 'old', serving_id: recreated.old_id },
        ...{ problem, last_log_lines: lines },
      },
      guard: old === undefined ? guard : guardAfter(kept, old),
    };
  },
  verify: async (client, _step, before, applied, { signal }) => {
    const { name, new_image: image } = Recreated.parse(before);
    const result = Result.parse(applied.after);
    const serving = await client.inspect(name, signal);
    if (serving?.id !== result.serving_id || serving.state !== 'running') {
      const detail = { container: name, state: serving?.state ?? 'missing', problem: result.problem };
      throw new ConnectorError('E_VERIFY', `container ${name} does not serve after its recreation`, { detail });
    }
    if (result.problem === null) return result;
    throw new ConnectorError(
      'E_VERIFY',
      `${name} with ${image} was not kept, ${result.problem}: the old container serves again`,
      {
        detail: { container: name, problem: result.problem, serving: 'old', last_log_lines: result.last_log_lines },
      },
    );
  },
  reconcile: async (client, step, intent, now, { signal }) => {
    const recreated = Recreated.parse(intent.before);
    const inputs = KeepInputs.parse(step.inputs);
    const serving = await client.inspect(recreated.name, signal);
    const result = { container: recreated.name, last_log_lines: [] };
    if (serving?.id === recreated.old_id && serving.state === 'running') {
      const after = { ...result, serving: 'old', serving_id: recreated.old_id, problem: 'it was not healthy' };
      return { answer: 'applied', after, guard: guardAfter(Guard.parse(intent.guard), serving) };
    }
    const waitedMs = now() - intent.recordedAt;
    if (judge(serving, recreated, waitedMs) === null) {
      const after = { ...result, serving: 'new', serving_id: recreated.new_id, problem: null };
      return { answer: 'applied', after, guard: intent.guard };
    }
    const longestMs = (inputs.healthy_within_seconds + inputs.stop_timeout_seconds) * 1000 + readMs;
    return { answer: waitedMs < longestMs ? 'indeterminate' : 'not_applied', after: null, guard: intent.guard };
  },
  compare: (step, { before, after }, facts) => {
    const { index } = step;
    const observed = facts.requireContainer(KeepInputs.parse(step.inputs).container, index);
    const [was, is] = [Recreated.safeParse(before).data, Result.safeParse(after).data];
    if (was === undefined) return [compareReplay(index, 'recorded recreation', 'readable', 'not readable')];
    const compared = [compareReplay(index, 'container before', was.old_id, observed.id)];
    if (is === undefined) return compared;
    const expected = is.serving === 'old' ? observed.id : was.new_id;
    return [...compared, compareReplay(index, 'container that serves', is.serving_id, expected)];
  },
};
