import { ConnectorError, compareReplay } from '@countersign/connector-kit';
import type { JsonObject } from '@countersign/protocol';
import { z } from 'zod';
import type { Limits } from '../answers.ts';
import { missingError } from '../errors.ts';
import { requireContainer } from '../find-container.ts';
import { Guard, guardAfter, requireUnmoved } from '../kept-state.ts';
import { mebibyte } from '../manifest/inputs.ts';
import { ResourcesInputs, resourcesAction } from '../manifest/resources-action.ts';
import { ObservedContainer } from '../observed.ts';
import { type Change, nothingElse } from './change.ts';
import { changedOnce, checkOf, existence, fail, isThere, pass, warn } from './common-checks.ts';
import { readBack } from './read-back.ts';

/** An update is done at once; this long a daemon that was asked may take for it. */
const inFlightMs = 15_000;

const KeptLimits = z.strictObject({ id: z.string(), name: z.string(), limits: ObservedContainer.shape.limits });

/** The limits that a container with `now` has after the change. Swap stays as much beyond memory as it was. */
export function wantedLimits(now: Limits, inputs: ResourcesInputs): Limits {
  const { memory_mebibytes: mebibytes, cpus, pids_limit: pids } = inputs;
  const memory = mebibytes === undefined ? now.memory_bytes : mebibytes * mebibyte;
  const swapBeyond = now.memory_swap_bytes - now.memory_bytes;
  const unlimitedSwap = now.memory_swap_bytes <= 0 || now.memory_bytes === 0;
  const swap = unlimitedSwap ? -1 : memory + swapBeyond;
  return {
    memory_bytes: memory,
    memory_swap_bytes: mebibytes === undefined ? now.memory_swap_bytes : swap,
    nano_cpus: cpus === undefined ? now.nano_cpus : Math.round(cpus * 1e9),
    pids_limit: pids ?? now.pids_limit,
  };
}

/** What the Engine API is told: what is not named stays. */
function updateOf(now: Limits, inputs: ResourcesInputs): JsonObject {
  const wanted = wantedLimits(now, inputs);
  return {
    ...(inputs.memory_mebibytes === undefined
      ? {}
      : { Memory: wanted.memory_bytes, MemorySwap: wanted.memory_swap_bytes }),
    ...(inputs.cpus === undefined ? {} : { NanoCpus: wanted.nano_cpus }),
    ...(inputs.pids_limit === undefined ? {} : { PidsLimit: wanted.pids_limit }),
  };
}

const same = (left: Limits, right: Limits): boolean =>
  left.memory_bytes === right.memory_bytes &&
  left.memory_swap_bytes === right.memory_swap_bytes &&
  left.nano_cpus === right.nano_cpus &&
  left.pids_limit === right.pids_limit;

const bytes = (value: number): string => (value <= 0 ? 'no limit' : `${value / mebibyte} MiB`);

function linesOf({ memory_bytes, memory_swap_bytes, nano_cpus, pids_limit }: Limits): string[] {
  return [
    `memory: ${bytes(memory_bytes)}`,
    `memory and swap: ${bytes(memory_swap_bytes)}`,
    `cpus: ${nano_cpus === 0 ? 'no limit' : nano_cpus / 1e9}`,
    `processes: ${pids_limit === 0 ? 'no limit' : pids_limit}`,
  ];
}

function changedLines(now: Limits, wanted: Limits): string[] {
  const after = linesOf(wanted);
  return linesOf(now).flatMap((line, index) => {
    const next = after[index] ?? '';
    return line === next ? [` ${line}`] : [`-${line}`, `+${next}`];
  });
}

/** `docker.set_resources`. */
export const resourcesChange: Change = {
  action: resourcesAction.name,
  look: nothingElse,
  checks: (view, around) => {
    const { found, step } = view;
    if (!isThere(found)) return [existence(found)];
    const { name, state, limits } = found.container;
    const wanted = wantedLimits(limits, ResourcesInputs.parse(step.inputs));
    const dead = state === 'dead' || state === 'removing';
    const tighter = wanted.memory_bytes > 0 && (limits.memory_bytes === 0 || wanted.memory_bytes < limits.memory_bytes);
    return [
      existence(found),
      checkOf('container_usable', found, dead ? fail(`${name} is ${state}`) : pass(`${name} is ${state}`)),
      checkOf(
        'limits_change',
        found,
        same(limits, wanted) ? fail(`${name} has these limits already`) : pass(`the limits of ${name} change`),
      ),
      checkOf(
        'memory_shrinks',
        found,
        tighter
          ? warn(`${name} gets less memory: a process that uses more is ended by the kernel`)
          : pass(`${name} gets no less memory`),
      ),
      ...changedOnce(view, around),
    ];
  },
  diff: (step, facts) => {
    const inputs = ResourcesInputs.parse(step.inputs);
    const { name, limits } = facts.requireContainer(inputs.container, step.index);
    const path = `containers/${name}`;
    const lines = [`--- ${path}`, `+++ ${path}`, '@@ limits @@', ...changedLines(limits, wantedLimits(limits, inputs))];
    return { step: step.index, path, summary: 'limits changed, while it runs', patch: `${lines.join('\n')}\n` };
  },
  inverse: (step, { name, limits }) => {
    const { memory_mebibytes: memory, cpus, pids_limit: pids } = ResourcesInputs.parse(step.inputs);
    const isNew = (memory !== undefined && limits.memory_bytes === 0) || (cpus !== undefined && limits.nano_cpus === 0);
    if (isNew) return 'Docker can change a limit of memory or CPUs, but not take one away that was not there before.';
    if (memory !== undefined && limits.memory_bytes % mebibyte !== 0)
      return 'The memory limit of before is no whole number of MiB.';
    return {
      action: resourcesAction.name,
      inputs: {
        container: name,
        ...(memory === undefined ? {} : { memory_mebibytes: limits.memory_bytes / mebibyte }),
        ...(cpus === undefined ? {} : { cpus: limits.nano_cpus / 1e9 }),
        ...(pids === undefined ? {} : { pids_limit: limits.pids_limit }),
      },
    };
  },
  before: async (client, step, guard, { signal }) => {
    const container = await requireContainer(client, ResourcesInputs.parse(step.inputs).container, signal);
    requireUnmoved(container, Guard.parse(guard));
    return { id: container.id, name: container.name, limits: container.limits };
  },
  apply: async (client, step, before, guard, { signal, progress }) => {
    const { id, name, limits } = KeptLimits.parse(before);
    const kept = Guard.parse(guard);
    const container = await client.inspect(id, signal);
    if (container === undefined) throw missingError(name, []);
    requireUnmoved(container, kept);
    progress(`setting the limits of ${name}`);
    if (!(await client.update(id, updateOf(limits, ResourcesInputs.parse(step.inputs)), signal))) {
      throw missingError(name, []);
    }
    const after = await readBack(client, id, name, 'update', signal);
    return { after: { id, name, limits: after.limits }, guard: guardAfter(kept, after) };
  },
  verify: async (client, step, before, _applied, { signal }) => {
    const { id, name, limits } = KeptLimits.parse(before);
    const container = await client.inspect(id, signal);
    if (container === undefined) throw new ConnectorError('E_VERIFY', `container ${name} is gone after its update`);
    const wanted = wantedLimits(limits, ResourcesInputs.parse(step.inputs));
    if (same(container.limits, wanted)) return { id, name, limits: container.limits };
    throw new ConnectorError('E_VERIFY', `container ${name} does not have the limits that were set`, {
      detail: { container: name, wanted: { ...wanted }, found: { ...container.limits } },
    });
  },
  reconcile: async (client, step, intent, now, { signal }) => {
    const { id, name, limits } = KeptLimits.parse(intent.before);
    const container = await client.inspect(id, signal);
    if (container === undefined) return { answer: 'indeterminate', after: null, guard: intent.guard };
    const wanted = wantedLimits(limits, ResourcesInputs.parse(step.inputs));
    const inFlight = now() - intent.recordedAt < inFlightMs;
    const untouched = same(container.limits, limits) && !inFlight;
    const answer = same(container.limits, wanted) ? 'applied' : untouched ? 'not_applied' : 'indeterminate';
    const guard = guardAfter(Guard.parse(intent.guard), container);
    return { answer, after: { id, name, limits: container.limits }, guard };
  },
  compare: (step, { before, after }, facts) => {
    const { index } = step;
    const inputs = ResourcesInputs.parse(step.inputs);
    const observed = facts.requireContainer(inputs.container, index);
    const [was, is] = [KeptLimits.safeParse(before).data, KeptLimits.safeParse(after).data];
    if (was === undefined) return [compareReplay(index, 'recorded limits before', 'readable', 'not readable')];
    const compared = [
      compareReplay(index, 'container before', was.id, observed.id),
      compareReplay(index, 'limits before', was.limits, observed.limits),
    ];
    if (is === undefined) return compared;
    return [...compared, compareReplay(index, 'limits after', is.limits, wantedLimits(observed.limits, inputs))];
  },
};
