import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError, compareReplay, interruption, isLater } from '@countersign/connector-kit';
import { z } from 'zod';
import { missingError } from '../errors.ts';
import { findContainer, requireContainer } from '../find-container.ts';
import { Guard, guardAfter, RunState, requireUnmoved, runStateOf } from '../kept-state.ts';
import { RestoreInputs, restoreAction } from '../manifest/recreate-actions.ts';
import type { Change } from './change.ts';
import { changedOnce, checkOf, existence, fail, interruptionChecks, isThere, pass, warn } from './common-checks.ts';
import { readBack, verifyError } from './read-back.ts';
import { restoreDiff } from './recreate-diff.ts';
import { exchange, keptName } from './swap.ts';

const inFlightSlackMs = 45_000;
const stayUpMs = 1000;

/** Both containers of the exchange, as they are kept with the intent. */
const Pair = z.strictObject({ current: RunState, kept: RunState, restart_policy: z.string() });

/** `docker.restore_container`: the way back of a recreation, and its own. */
export const restoreChange: Change = {
  action: restoreAction.name,
  look: async (client, step, _found, signal) => ({
    images: [],
    other: await findContainer(client, RestoreInputs.parse(step.inputs).kept, signal),
  }),
  checks: (view, around) => {
    const { found, other } = view;
    if (!isThere(found)) return [existence(found)];
    if (other === undefined || !isThere(other)) return other === undefined ? [] : [existence(found), existence(other)];
    const { name, autoRemove } = found.container;
    const { name: keptAs, state } = other.container;
    const isKept = keptAs.startsWith(`${name}.kept-`) || keptAs.startsWith(`${name}.failed-`);
    return [
      existence(found),
      existence(other),
      checkOf(
        'kept_of',
        other,
        isKept ? pass(`${keptAs} was kept for ${name}`) : fail(`${keptAs} was not kept for ${name}`),
      ),
      checkOf('kept_state', other, state === 'exited' ? pass(`${keptAs} is stopped`) : warn(`${keptAs} is ${state}`)),
      checkOf(
        'container_replaceable',
        found,
        autoRemove
          ? fail(`${name} was started with --rm: it would be gone once it is stopped`)
          : pass(`${name} can be set aside`),
      ),
      ...interruptionChecks(found, around),
      ...changedOnce(view, around),
    ];
  },
  diff: (step, facts) => {
    const inputs = RestoreInputs.parse(step.inputs);
    const current = facts.requireContainer(inputs.container, step.index);
    return restoreDiff(step.index, inputs, current, facts.requireContainer(inputs.kept, step.index));
  },
  inverse: (step, { name, id }) => ({
    action: restoreAction.name,
    inputs: {
      container: name,
      kept: keptName(name, id),
      stop_timeout_seconds: RestoreInputs.parse(step.inputs).stop_timeout_seconds,
    },
  }),
  before: async (client, step, guard, { signal }) => {
    const inputs = RestoreInputs.parse(step.inputs);
    const current = await requireContainer(client, inputs.container, signal);
    const kept = await requireContainer(client, inputs.kept, signal);
    for (const each of [current, kept]) requireUnmoved(each, Guard.parse(guard));
    return { current: runStateOf(current), kept: runStateOf(kept), restart_policy: current.restartPolicy };
  },
  apply: async (client, step, before, guard, { signal, progress }) => {
    const { current, kept, restart_policy: restartPolicy } = Pair.parse(before);
    const guarded = Guard.parse(guard);
    for (const { id, name } of [current, kept]) {
      const container = await client.inspect(id, signal);
      if (container === undefined) throw missingError(name, []);
      requireUnmoved(container, guarded);
    }
    progress(`stopping ${current.name} and starting ${kept.name} in its place`);
    const { stop_timeout_seconds: stopTimeoutSeconds } = RestoreInputs.parse(step.inputs);
    const [out, into] = [current.id, kept.id];
    const aside = keptName(current.name, out);
    await exchange(client, { name: current.name, out, aside, into, restartPolicy, stopTimeoutSeconds });
    const reading = AbortSignal.timeout(inFlightSlackMs);
    const after = await readBack(client, into, current.name, 'exchange', reading);
    const old = await readBack(client, out, aside, 'exchange', reading);
    return { after: runStateOf(after), guard: guardAfter(guarded, after, old) };
  },
  verify: async (client, _step, before, applied, { signal }) => {
    const { current, kept } = Pair.parse(before);
    const after = RunState.parse(applied.after);
    await sleep(stayUpMs, undefined, { signal }).catch(() => {
      throw interruption(signal, 'verifying the exchange', 'maybe');
    });
    const container = await client.inspect(current.name, signal);
    if (container === undefined || container.id !== kept.id) {
      throw new ConnectorError('E_VERIFY', `container ${current.name} is not the one that was put back`);
    }
    if (container.state === 'running' && container.startedAt === after.started_at) return runStateOf(container);
    throw await verifyError(client, container, 'was put back, but does not stay up', signal);
  },
  reconcile: async (client, step, intent, now, { signal }) => {
    const { current, kept } = Pair.parse(intent.before);
    const { stop_timeout_seconds: seconds } = RestoreInputs.parse(step.inputs);
    const [was, back] = [await client.inspect(current.id, signal), await client.inspect(kept.id, signal)];
    if (was === undefined || back === undefined) return { answer: 'indeterminate', after: null, guard: intent.guard };
    const guard = guardAfter(Guard.parse(intent.guard), was, back);
    const after = runStateOf(back);
    if (back.name === current.name && isLater(back.startedAt, kept.started_at))
      return { answer: 'applied', after, guard };
    const inFlight = now() - intent.recordedAt < seconds * 1000 + inFlightSlackMs;
    const untouched = was.name === current.name && was.state === current.state && back.name === kept.name;
    return { answer: untouched && !inFlight ? 'not_applied' : 'indeterminate', after, guard };
  },
  compare: (step, { before, after }, facts) => {
    const { index } = step;
    const inputs = RestoreInputs.parse(step.inputs);
    const [current, kept] = [
      facts.requireContainer(inputs.container, index),
      facts.requireContainer(inputs.kept, index),
    ];
    const [was, is] = [Pair.safeParse(before).data, RunState.safeParse(after).data];
    if (was === undefined) return [compareReplay(index, 'recorded containers before', 'readable', 'not readable')];
    const compared = [
      compareReplay(index, 'container before', was.current.id, current.id),
      compareReplay(index, 'kept container', was.kept.id, kept.id),
    ];
    if (is === undefined) return compared;
    return [
      ...compared,
      compareReplay(index, 'container after', is.id, kept.id),
      compareReplay(index, 'state after', is.state, 'running'),
    ];
  },
};
