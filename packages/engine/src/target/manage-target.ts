import type { ManagedTargetRow, Unit } from '@countersign/kernel';
import {
  type AuditEventName,
  accept,
  createTargetScrubber,
  type ManagedTarget,
  type Outcome,
  refuse,
  type TargetAddRequest,
  type TargetChangeRequest,
  type TargetSettings,
  Tier,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { targetsTopic } from '../context/wake-ups.ts';

const view = ({ changedBy, changedAt, ...target }: ManagedTargetRow): ManagedTarget => ({
  ...target,
  changed_by: changedBy,
  changed_at: changedAt,
});

/** Where changes can go is decided by people: never by an AI. */
function refuseAi({ principal }: Caller): Outcome<null> {
  if (!principal.ai) return accept(null);
  return refuse('E_AUTH_FORBIDDEN', 'an AI adds, changes and removes no targets', { next: 'ask a person' });
}

/** Settings are stored, shown and put into the log: what looks like a secret is refused before any of that. */
function refuseSecrets(settings: TargetSettings): Outcome<null> {
  const scrubber = createTargetScrubber([]);
  const found = Object.keys(settings).find((key) => {
    const text = JSON.stringify({ [key]: settings[key] });
    return scrubber.text(text) !== text;
  });
  if (found === undefined) return accept(null);
  return refuse('E_VALIDATION', `the setting "${found}" looks like a secret, which this server does not keep`, {
    field: `/settings/${found}`,
    next: 'say where the worker finds it: {"secret_file": PATH}, {"secret_env": NAME} or {"secret_credential": NAME}',
  });
}

async function workerFor(unit: Unit, wanted: string | undefined): Promise<Outcome<string>> {
  const [records, keys] = [await unit.workers.list(), await unit.workerKeys.list()];
  const known = [...new Set([...records, ...keys].map(({ worker }) => worker))].sort();
  const only = known.length === 1 ? known[0] : undefined;
  const worker = wanted ?? only;
  if (worker !== undefined && known.includes(worker)) return accept(worker);
  const problem = wanted === undefined ? `there are ${known.length} workers` : `there is no worker "${wanted}"`;
  return refuse('E_VALIDATION', `${problem}: say which one serves it`, {
    field: '/worker',
    choices: known,
    next: 'see `countersign workers`',
  });
}

async function refuseHeld(unit: Unit, name: string): Promise<Outcome<null>> {
  const holder = await unit.locks.holder(name);
  if (holder === null) return accept(null);
  return refuse('E_TARGET_BUSY', `a run holds "${name}"`, {
    op_id: holder.operationId,
    next: 'wait until it has ended, or cancel it',
  });
}

function missing(context: EngineContext, name: string) {
  if (context.registry.fixed.some((target) => target.name === name)) {
    return refuse('E_STATE', `"${name}" stands in the server's countersign.yaml`, {
      next: 'change it there and start the server again',
    });
  }
  return refuse('E_NOT_FOUND', `there is no target ${name}`, { next: 'see `countersign targets`' });
}

async function note(
  context: EngineContext,
  unit: Unit,
  caller: Caller,
  event: Extract<AuditEventName, `target.${string}`>,
  target: ManagedTargetRow,
): Promise<void> {
  const { name, project, environment, tier, connector, worker, settings, revision } = target;
  await recordAudit(context, unit, {
    event,
    actor: actorOf(caller.principal),
    subject: { kind: 'target', id: name },
    outcome: 'ok',
    correlationId: caller.correlationId,
    detail: { project, environment, tier, connector, worker, settings, revision },
  });
  unit.afterCommit(() => context.wake.notify(targetsTopic));
}

/** A change of which targets there are, seen here as soon as it is answered. */
async function change(
  context: EngineContext,
  unit: (unit: Unit) => Promise<Outcome<ManagedTarget>>,
): Promise<Outcome<ManagedTarget>> {
  const outcome = await commit(context, 'target', unit, ({ ok }) => ok);
  if (outcome.ok) await context.registry.refresh(context.store);
  return outcome;
}

/** Adds a target that a worker serves. E_STATE where the name is taken, E_VALIDATION where a setting looks like a secret. */
export async function addTarget(
  context: EngineContext,
  caller: Caller,
  request: TargetAddRequest,
): Promise<Outcome<ManagedTarget>> {
  const { name, project, environment, connector, settings } = request;
  for (const checked of [refuseAi(caller), refuseSecrets(settings)]) if (!checked.ok) return checked;
  const tier = Tier.safeParse(request.tier ?? environment);
  if (!tier.success) {
    return refuse('E_VALIDATION', 'say the tier, because the environment has another name', {
      field: '/tier',
      choices: Tier.options,
      next: 'add "tier": dev, stage or prod',
    });
  }
  return await change(context, async (unit) => {
    const worker = await workerFor(unit, request.worker);
    if (!worker.ok) return worker;
    const target: ManagedTargetRow = {
      ...{ name, project, environment, tier: tier.data, connector, settings },
      worker: worker.value,
      revision: 1,
      changedBy: caller.principal.root,
      changedAt: context.clock.now(),
    };
    const taken = context.registry.fixed.some((known) => known.name === name) || !(await unit.targets.insert(target));
    if (taken) {
      return refuse('E_STATE', `there is a target "${name}" already`, { field: '/name', next: 'choose another name' });
    }
    await note(context, unit, caller, 'target.added', target);
    return accept(view(target));
  });
}

/** Changes settings or worker. What place, tier and connector are was approved with each plan: those want a new target. */
export async function changeTarget(
  context: EngineContext,
  caller: Caller,
  name: string,
  request: TargetChangeRequest,
): Promise<Outcome<ManagedTarget>> {
  for (const checked of [refuseAi(caller), refuseSecrets(request.settings ?? {})]) if (!checked.ok) return checked;
  return await change(context, async (unit) => {
    const standing = await unit.targets.lock(name);
    if (standing === null) return missing(context, name);
    if (request.revision !== undefined && request.revision !== standing.revision) {
      return refuse('E_REVISION', `"${name}" is at revision ${standing.revision} by now`, {
        revision: standing.revision,
        next: 'look at it again',
      });
    }
    const held = await refuseHeld(unit, name);
    if (!held.ok) return held;
    const worker = await workerFor(unit, request.worker ?? standing.worker);
    if (!worker.ok) return worker;
    const changed: ManagedTargetRow = {
      ...standing,
      worker: worker.value,
      settings: request.settings ?? standing.settings,
      revision: standing.revision + 1,
      changedBy: caller.principal.root,
      changedAt: context.clock.now(),
    };
    await unit.targets.save(changed);
    await note(context, unit, caller, 'target.changed', changed);
    return accept(view(changed));
  });
}

/** Removes a target. What was proposed for it does not run any more. E_TARGET_BUSY while a run holds it. */
export async function removeTarget(
  context: EngineContext,
  caller: Caller,
  name: string,
): Promise<Outcome<ManagedTarget>> {
  const allowed = refuseAi(caller);
  if (!allowed.ok) return allowed;
  return await change(context, async (unit) => {
    const standing = await unit.targets.lock(name);
    if (standing === null) return missing(context, name);
    const held = await refuseHeld(unit, name);
    if (!held.ok) return held;
    await unit.targets.remove(name);
    await note(context, unit, caller, 'target.removed', standing);
    return accept(view(standing));
  });
}

/** A target that was added over the API, with its settings. */
export async function managedTarget(context: EngineContext, name: string): Promise<Outcome<ManagedTarget>> {
  const target = await context.store.read((reads) => reads.targets.get(name));
  return target === null ? missing(context, name) : accept(view(target));
}
