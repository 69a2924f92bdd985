import { createHash } from 'node:crypto';
import { ConnectorError, compareReplay, type ParsedStep } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import { z } from 'zod';
import type { Container } from '../answers.ts';
import { stepLabel } from '../answers.ts';
import type { DockerClient } from '../client.ts';
import { missingError } from '../errors.ts';
import { requireContainer } from '../find-container.ts';
import { findImage } from '../find-image.ts';
import { Guard, guardAfter, type Recreated, requireUnmoved } from '../kept-state.ts';
import { RecreateInputs, recreateAction, restoreAction } from '../manifest/recreate-actions.ts';
import type { Change, Reconciled } from './change.ts';
import { creationOf } from './creation.ts';
import { recreateChecks } from './recreate-checks.ts';
import { recreateDiff } from './recreate-diff.ts';
import { exchange, keptName } from './swap.ts';

/** Beyond the stop timeout, how long an exchange may still be under way after its intent. */
const inFlightSlackMs = 45_000;

/** The container that is replaced, as it is kept with the intent. */
const Replaced = z.strictObject({
  id: z.string(),
  name: z.string(),
  image: z.string(),
  image_digest: z.string(),
  restart_policy: z.string(),
  state: z.string(),
});
type Replaced = z.infer<typeof Replaced>;

/** What stands after a recreation. */
const Result = z.strictObject({
  container: z.string(),
  new_id: z.string(),
  image: z.string(),
  kept: z.string(),
  problem: z.string().nullable(),
});

/** The label's value of one step: tells nothing of the key. */
function markOf(step: ParsedStep): string {
  return createHash('sha256').update(step.idempotencyKey).digest('hex').slice(0, 32);
}

async function copyOf(client: DockerClient, mark: string, signal: AbortSignal): Promise<Container | undefined> {
  const [found] = await client.labelled(`${stepLabel}=${mark}`, signal);
  return found === undefined ? undefined : await client.inspect(found.id, signal);
}

/** Makes the new container, which is not started. */
async function make(client: DockerClient, step: ParsedStep, old: Replaced, signal: AbortSignal): Promise<Container> {
  const { image: reference } = RecreateInputs.parse(step.inputs);
  const [whole, oldImage] = [await client.inspectWhole(old.id, signal), await client.image(old.image_digest, signal)];
  if (whole === undefined) throw missingError(old.name, []);
  if (oldImage === undefined) {
    throw new ConnectorError('E_TARGET_MISSING', `the image that ${old.name} was made from is gone`, {
      effect: 'none',
    });
  }
  const mark = markOf(step);
  const { body, networks } = creationOf(whole, oldImage.config, reference, mark);
  const id = await client.create(`${old.name}.new-${mark.slice(0, 12)}`, body, signal);
  try {
    for (const { name, endpoint } of networks) {
      await client.connectNetwork(name, { Container: id, EndpointConfig: endpoint }, signal);
    }
    const made = await client.inspect(id, signal);
    if (made === undefined) throw missingError(`${old.name}.new-${mark.slice(0, 12)}`, []);
    return made;
  } catch (cause) {
    await client.discard(id, AbortSignal.timeout(inFlightSlackMs));
    throw cause;
  }
}

function recreatedOf(old: Replaced, made: Container, problem: string | null): Recreated {
  return {
    name: old.name,
    new_id: made.id,
    old_id: old.id,
    old_image: old.image,
    new_image: made.imageName,
    kept_name: keptName(old.name, old.id),
    restart_policy: old.restart_policy,
    problem,
  };
}

function resultOf(recreated: Recreated) {
  const { name, new_id, new_image, kept_name, problem } = recreated;
  return { container: name, new_id, image: new_image, kept: kept_name, problem };
}

async function guardWith(
  client: DockerClient,
  guard: Guard,
  recreated: Recreated,
  signal: AbortSignal,
): Promise<Guard> {
  const found = await Promise.all([client.inspect(recreated.new_id, signal), client.inspect(recreated.old_id, signal)]);
  const present = found.filter((container) => container !== undefined);
  const others = guard.recreated.filter(({ name }) => name !== recreated.name);
  return { ...guardAfter(guard, ...present), recreated: [...others, recreated] };
}

/** Refuses while nothing but a container that was never started has come of it; that one is taken away again. */
async function requireFresh(
  client: DockerClient,
  old: Replaced,
  guard: Guard,
  reference: string,
  signal: AbortSignal,
): Promise<void> {
  const container = await client.inspect(old.id, signal);
  if (container === undefined) throw missingError(old.name, []);
  requireUnmoved(container, guard);
  const { image } = await findImage(client, reference, signal);
  const planned = guard.images.find((each) => each.reference === reference);
  if (image !== undefined && image.digest === planned?.digest) return;
  throw new ConnectorError('E_PLAN_STALE', `${reference} is another image now than the one that was planned`, {
    effect: 'none',
    detail: { image: reference, next: 'plan again from the present state' },
  });
}

/** What became of it, read from the two containers. `why` is said of a new container that does not serve yet. */
function stateOf(old: Container | undefined, made: Container, kept: Replaced, why: string): Recreated | null {
  const untouched = old !== undefined && old.name === kept.name && made.state === 'created' && old.state === kept.state;
  if (untouched) return null;
  const serves = made.name === kept.name && made.state !== 'created';
  return recreatedOf(kept, made, serves ? null : why);
}

function answered(guard: Json): Reconciled {
  return { answer: 'not_applied', after: null, guard };
}

/**
 * `docker.recreate_with_image`. Its end is that the exchange was gone through, not that the new container is any good:
 * the step that follows judges that. So an exchange that stuck counts as applied, with what is wrong, and is put right by
 * that step.
 */
export const recreateChange: Change = {
  action: recreateAction.name,
  look: async (client, step, found, signal) => {
    const { image } = RecreateInputs.parse(step.inputs);
    const wanted = await findImage(client, image, signal);
    if (found.container === undefined) return { images: [wanted] };
    return { images: [wanted, await findImage(client, found.container.imageDigest, signal)] };
  },
  checks: recreateChecks,
  diff: (step, facts) => {
    const inputs = RecreateInputs.parse(step.inputs);
    const container = facts.requireContainer(inputs.container, step.index);
    const [wanted, old] = [facts.image(inputs.image), facts.image(container.image_digest)];
    if (wanted === undefined || old === undefined) {
      const path = `containers/${container.name}`;
      const patch = `--- ${path}\n+++ ${path}\n@@ image @@\n-image: ${container.image}\n+image: ${inputs.image} (not on the daemon)\n`;
      return { step: step.index, path, summary: 'cannot be recreated', patch };
    }
    return recreateDiff(step.index, inputs, container, { old, new: wanted });
  },
  inverse: (step, { name, id }) => ({
    action: restoreAction.name,
    inputs: {
      container: name,
      kept: keptName(name, id),
      stop_timeout_seconds: RecreateInputs.parse(step.inputs).stop_timeout_seconds,
    },
  }),
  before: async (client, step, guard, { signal }) => {
    const container = await requireContainer(client, RecreateInputs.parse(step.inputs).container, signal);
    requireUnmoved(container, Guard.parse(guard));
    const { id, name, imageName, imageDigest, restartPolicy, state } = container;
    return { id, name, image: imageName, image_digest: imageDigest, restart_policy: restartPolicy, state };
  },
  apply: async (client, step, before, guard, { signal, progress }) => {
    const inputs = RecreateInputs.parse(step.inputs);
    const old = Replaced.parse(before);
    const kept = Guard.parse(guard);
    const earlier = await copyOf(client, markOf(step), signal);
    if (earlier === undefined || earlier.state === 'created') {
      await requireFresh(client, old, kept, inputs.image, signal);
    }
    progress(`making a container of ${inputs.image}`, 0.1);
    const made = earlier ?? (await make(client, step, old, signal));
    if (made.state === 'created') {
      try {
        await requireFresh(client, old, kept, inputs.image, signal);
      } catch (cause) {
        await client.discard(made.id, AbortSignal.timeout(inFlightSlackMs));
        throw cause;
      }
    }
    const { id: into } = made;
    progress(`stopping ${old.name} and starting the new container`, 0.4);
    let problem: string | null = null;
    try {
      await exchange(client, {
        ...{ name: old.name, out: old.id, aside: keptName(old.name, old.id), into },
        ...{ restartPolicy: old.restart_policy, stopTimeoutSeconds: inputs.stop_timeout_seconds },
      });
    } catch (cause) {
      // What the daemon refuses half-way is for the following step to put right; a lost daemon is found out by reconcile.
      if (!(cause instanceof ConnectorError) || cause.code !== 'E_TARGET_REFUSED') throw cause;
      problem = `${cause.message}: ${String(cause.detail['daemon_message'] ?? '')}`;
    }
    const recreated = recreatedOf(old, made, problem);
    const reading = AbortSignal.timeout(inFlightSlackMs);
    return { after: resultOf(recreated), guard: await guardWith(client, kept, recreated, reading) };
  },
  verify: async (client, _step, before, applied, { signal }) => {
    const old = Replaced.parse(before);
    const result = Result.parse(applied.after);
    if (result.problem !== null) return result;
    const serving = await client.inspect(old.name, signal);
    const kept = await client.inspect(old.id, signal);
    if (serving?.id === result.new_id && kept?.name === result.kept) return result;
    throw new ConnectorError('E_VERIFY', `container ${old.name} is not the one that it was recreated as`, {
      detail: { container: old.name, expected: result.new_id, found: serving?.id ?? null },
    });
  },
  reconcile: async (client, step, intent, now, { signal }) => {
    const kept = Replaced.parse(intent.before);
    const { stop_timeout_seconds: seconds } = RecreateInputs.parse(step.inputs);
    const inFlight = now() - intent.recordedAt < seconds * 1000 + inFlightSlackMs;
    const made = await copyOf(client, markOf(step), signal);
    const old = await client.inspect(kept.id, signal);
    if (made === undefined) {
      return inFlight ? { ...answered(intent.guard), answer: 'indeterminate' } : answered(intent.guard);
    }
    const recreated = stateOf(old, made, kept, 'the exchange was broken off');
    const doubtful = inFlight && recreated?.problem !== null;
    if (doubtful) return { answer: 'indeterminate', after: null, guard: intent.guard };
    if (recreated === null) return answered(intent.guard);
    const guard = await guardWith(client, Guard.parse(intent.guard), recreated, signal);
    return { answer: 'applied', after: resultOf(recreated), guard };
  },
  compare: (step, { before, after }, facts) => {
    const { index } = step;
    const inputs = RecreateInputs.parse(step.inputs);
    const observed = facts.requireContainer(inputs.container, index);
    const [was, is] = [Replaced.safeParse(before).data, Result.safeParse(after).data];
    if (was === undefined) return [compareReplay(index, 'recorded container before', 'readable', 'not readable')];
    const compared = [
      compareReplay(index, 'container before', was.id, observed.id),
      compareReplay(index, 'image before', was.image_digest, observed.image_digest),
    ];
    if (is === undefined) return compared;
    return [
      ...compared,
      compareReplay(index, 'image after', is.image, inputs.image),
      compareReplay(index, 'another container', is.new_id !== observed.id, true),
      compareReplay(index, 'kept aside as', is.kept, keptName(observed.name, observed.id)),
    ];
  },
};
