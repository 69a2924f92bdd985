import type { PolicyFault, PolicyReload, Unit } from '@countersign/kernel';
import { accept, type JsonObject, type Outcome, type PolicyReloadView, refuse } from '@countersign/protocol';
import { recordAlone, recordAudit } from '../audit/record-audit.ts';
import { type Actor, actorOf, type Caller, systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { redecideWaiting } from './redecide-waiting.ts';

const setting = 'policy_set';

function subjectOf(context: EngineContext): { kind: string; id: string } {
  return { kind: 'installation', id: context.settings.installation };
}

function detailOf(faults: readonly PolicyFault[]): JsonObject[] {
  return faults.slice(0, 20).map(({ file, policy, line, problem, expected }) => {
    return { file, policy, line, problem, expected };
  });
}

/** Notes in the audit which policies decide from here on, if the last server to say so decided by others. */
async function noteVersion(context: EngineContext, actor: Actor, correlationId: string): Promise<boolean> {
  const { version } = context.decider;
  const unit = async (open: Unit): Promise<boolean> => {
    const before = (await open.settings.get(setting)) ?? null;
    if (before === version) return false;
    await open.settings.set(setting, version);
    // The first start of an installation changes nothing that ever decided.
    if (before === null) return false;
    await recordAudit(context, open, {
      event: 'policy.changed',
      actor,
      subject: subjectOf(context),
      outcome: 'ok',
      correlationId,
      detail: { from: before, to: version, profile: context.decider.profile },
    });
    return true;
  };
  return await commit(context, 'policy', unit, (changed) => changed);
}

/**
 * Reads the policy files again. Valid ones that differ decide from here on, and every operation that waits is decided anew;
 * others change nothing and are told of in the audit, once.
 */
async function takeOver(
  context: EngineContext,
  actor: Actor,
  correlationId: string,
): Promise<{ read: PolicyReload; redecided: number }> {
  const read = context.policies.reload();
  if (read.kind === 'refused') {
    await recordAlone(context, {
      event: 'policy.refused',
      actor,
      subject: subjectOf(context),
      outcome: 'refused',
      correlationId,
      detail: { stays: context.decider.version, faults: detailOf(read.faults) },
    });
  }
  if (read.kind !== 'changed') return { read, redecided: 0 };
  await noteVersion(context, actor, correlationId);
  return { read, redecided: await redecideWaiting(context, actor, correlationId) };
}

/** What the watcher of the files calls; answers what became of it. */
export async function policiesMayHaveChanged(context: EngineContext): Promise<PolicyReload> {
  return (await takeOver(context, systemActor, context.ids.next())).read;
}

/** At the start of a server: what waits since other policies decided is decided anew. Answers how many. */
export async function policiesAtStart(context: EngineContext): Promise<number> {
  const correlationId = context.ids.next();
  const changed = await noteVersion(context, systemActor, correlationId);
  return changed ? await redecideWaiting(context, systemActor, correlationId) : 0;
}

/** Reads the policy files again by somebody's word. E_POLICY_INVALID names every fault; the policies before them stay. */
export async function reloadPolicies(context: EngineContext, caller: Caller): Promise<Outcome<PolicyReloadView>> {
  const { read, redecided } = await takeOver(context, actorOf(caller.principal), caller.correlationId);
  const faults = context.policies.faults();
  const [first] = faults;
  if (first !== undefined) {
    const place = `${first.file}${first.line === null ? '' : `:${first.line}`}`;
    return refuse('E_POLICY_INVALID', `the policies have ${faults.length} fault(s); ${place}: ${first.problem}`, {
      faults: detailOf(faults),
      stays: context.decider.version,
      next: 'mend the files, see `countersign policy check`, then reload',
    });
  }
  return accept({ changed: read.kind === 'changed', version: context.decider.version, redecided });
}
