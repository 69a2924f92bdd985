import type { PolicyFault, PolicyReload, Unit } from '@countersign/kernel';
import { accept, type JsonObject, type Outcome, type PolicyReloadView, refuse } from '@countersign/protocol';
import { recordAlone, recordAudit } from '../audit/record-audit.ts';
import { type Actor, actorOf, type Caller, systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { redecideWaiting } from './redecide-waiting.ts';

const setting = 'policy_set';
/** The policies under which all that waits was last decided to its end. */
const sweptSetting = 'policy_set_swept';

function subjectOf(context: EngineContext): { kind: string; id: string } {
  return { kind: 'installation', id: context.settings.installation };
}

function detailOf(faults: readonly PolicyFault[]): JsonObject[] {
  return faults.slice(0, 20).map(({ file, policy, line, problem, expected }) => {
    return { file, policy, line, problem, expected };
  });
}

/** Notes in the audit which policies decide from here on, if the last server to say so decided by others. */
async function noteVersion(context: EngineContext, actor: Actor, correlationId: string): Promise<void> {
  const { version } = context.decider;
  const unit = async (open: Unit): Promise<boolean> => {
    const before = (await open.settings.get(setting)) ?? null;
    if (before === version) return false;
    await open.settings.set(setting, version);
    // The first start of an installation changes nothing that ever decided.
    if (before === null) {
      await open.settings.set(sweptSetting, version);
      return false;
    }
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
  await commit(context, 'policy', unit, (changed) => changed);
}

/**
 * Decides what waits anew unless the policies in force have done so to the end. That they have is noted last, so that a sweep
 * which was cut off, or had to leave something out, is taken up again at the next start or reload. Answers how many changed.
 */
async function sweep(context: EngineContext, actor: Actor, correlationId: string): Promise<number> {
  const { version } = context.decider;
  const swept = await context.store.read((reads) => reads.settings.get(sweptSetting));
  if (swept === version) return 0;
  const { changed, failed } = await redecideWaiting(context, actor, correlationId);
  if (failed === 0 && version === context.decider.version) {
    await commit(context, 'policy', (unit) => unit.settings.set(sweptSetting, version));
  }
  return changed;
}

/**
 * Reads the policy files again. Valid ones that differ decide from here on, and every operation that waits is decided anew;
 * others change nothing and are told of in the audit, once.
 */
async function takeOver(
  context: EngineContext,
  actor: Actor,
  correlationId: string,
  only?: string,
): Promise<{ read: PolicyReload; redecided: number }> {
  const read = context.policies.reload(only);
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
  return { read, redecided: await sweep(context, actor, correlationId) };
}

/** What the watcher of the files calls once they have settled as `key` says; answers what became of it. */
export async function policiesHaveChanged(context: EngineContext, key: string): Promise<PolicyReload> {
  return (await takeOver(context, systemActor, context.ids.next(), key)).read;
}

/** At the start of a server: what waits since other policies decided is decided anew. Answers how many. */
export async function policiesAtStart(context: EngineContext): Promise<number> {
  const correlationId = context.ids.next();
  await noteVersion(context, systemActor, correlationId);
  return await sweep(context, systemActor, correlationId);
}

/** Reads the policy files again by somebody's word. E_POLICY_INVALID names every fault; the policies before them stay. */
export async function reloadPolicies(context: EngineContext, caller: Caller): Promise<Outcome<PolicyReloadView>> {
  const actor = actorOf(caller.principal);
  const { read, redecided: atOnce } = await takeOver(context, actor, caller.correlationId);
  // Where nothing changed, what an earlier sweep left out may be decided now.
  const redecided = read.kind === 'same' ? await sweep(context, actor, caller.correlationId) : atOnce;
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
