import { type Freeze, type Place, roleAt } from '@countersign/kernel';
import { accept, type FreezeView, type Outcome, refuse } from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { withoutSecrets } from '../operation/admit-proposal.ts';
import { holdsRole, sees } from '../operation/find-operation.ts';

/** Which environment, why, and until when; null for not before it is lifted. */
export interface FreezeRequest {
  readonly project: string;
  readonly environment: string;
  readonly reason: string;
  readonly until: number | null;
}

/** A freeze as everyone may see it. */
function viewFreeze({ project, environment, reason, by, createdAt, until }: Freeze): FreezeView {
  return { project, environment, reason, by, created_at: createdAt, until };
}

function subjectOf(project: string, environment: string): { kind: string; id: string } {
  return { kind: 'environment', id: `${project}/${environment}` };
}

/** What a caller has no role at is not there for it; freezing and thawing needs the role admin there. */
function mayFreeze(context: EngineContext, caller: Caller, { project, environment }: Place): Outcome<null> {
  const target = context.targets.find(
    (known) => known.project === project && known.environment === environment && sees(caller, known),
  );
  if (target !== undefined) return holdsRole(caller, target, 'admin');
  return refuse('E_NOT_FOUND', `there is no environment ${project}/${environment} that you may see`, {
    field: 'environment',
    next: 'see `countersign targets`',
  });
}

/** The freezes of environments that a caller sees. */
export async function listFreezes(context: EngineContext, caller: Caller): Promise<FreezeView[]> {
  const freezes = await context.store.read((reads) => reads.freezes.list(context.clock.now()));
  return freezes.filter((freeze) => roleAt(caller.principal, freeze) !== null).map(viewFreeze);
}

/** Freezes an environment: until it is lifted or over, nothing starts there. What runs goes on. */
export async function freezeEnvironment(
  context: EngineContext,
  caller: Caller,
  { project, environment, reason: given, until }: FreezeRequest,
): Promise<Outcome<FreezeView>> {
  const now = context.clock.now();
  const allowed = mayFreeze(context, caller, { project, environment });
  if (!allowed.ok) return allowed;
  if (until !== null && until <= now) {
    return refuse('E_VALIDATION', 'a freeze ends in the future', {
      field: 'until',
      next: 'give a later time, or none',
    });
  }
  const reason = withoutSecrets(given);
  const freeze: Freeze = { project, environment, reason, by: caller.principal.name, createdAt: now, until };
  await commit(context, 'freeze', async (unit) => {
    await unit.freezes.put(freeze);
    await recordAudit(context, unit, {
      event: 'freeze.set',
      actor: actorOf(caller.principal),
      subject: subjectOf(project, environment),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { project, environment, reason, until },
    });
  });
  return accept(viewFreeze(freeze));
}

/** Lifts the freeze of an environment. What became ready meanwhile starts by somebody's word. */
export async function liftFreeze(
  context: EngineContext,
  caller: Caller,
  { project, environment, reason }: Omit<FreezeRequest, 'until'>,
): Promise<Outcome<null>> {
  const allowed = mayFreeze(context, caller, { project, environment });
  if (!allowed.ok) return allowed;
  return await commit(context, 'freeze', async (unit): Promise<Outcome<null>> => {
    if (!(await unit.freezes.remove(project, environment))) {
      return refuse('E_NOT_FOUND', `${project}/${environment} is not frozen`, { next: 'see `countersign freezes`' });
    }
    await recordAudit(context, unit, {
      event: 'freeze.lifted',
      actor: actorOf(caller.principal),
      subject: subjectOf(project, environment),
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { project, environment, reason: withoutSecrets(reason) },
    });
    return accept(null);
  });
}
