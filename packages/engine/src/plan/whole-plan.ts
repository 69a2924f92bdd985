import { canonicalJson, planDigest } from '@countersign/evidence';
import type { Operation, PlanRecord, Reads } from '@countersign/kernel';
import { accept, CodedError, type Outcome, type PlanBody, type Refusal, refuse } from '@countersign/protocol';
import { canonicalOrNull } from '../canonical/canonical-or-null.ts';
import type { EngineContext } from '../context/context.ts';
import { strictest } from '../operation/strictest.ts';

/** A plan whose row says what its digest says, for exactly what its operation asks. */
export interface WholePlan extends PlanRecord {
  readonly digest: string;
  readonly body: PlanBody;
}

function changed(what: string): Refusal {
  return refuse('E_DIGEST_MISMATCH', `${what}: it was changed after it was written, so nothing of it may run`, {
    next: 'find out who changed the database, then propose it again',
  });
}

function asksForTheSame(operation: Operation, body: PlanBody): boolean {
  const planned = {
    target: body.target,
    steps: body.steps.map(({ index, action, inputs }) => ({ index, action, inputs })),
  };
  const asked = {
    target: { ...operation.target, identity: body.target.identity },
    steps: operation.steps.map(({ action, inputs }, index) => ({ index, action, inputs })),
  };
  const text = canonicalOrNull(() => canonicalJson(asked));
  return text !== null && text === canonicalOrNull(() => canonicalJson(planned));
}

/** Effect and risk stand in no plan, but policy is asked by them: they are those of the actions that the plan names. */
async function isAsStrict(
  context: EngineContext,
  reads: Reads,
  operation: Operation,
  { steps, connector }: PlanBody,
): Promise<boolean> {
  const manifests = await context.catalogue.manifests(reads);
  const manifest = manifests.find(({ hash }) => hash === connector.manifest_hash);
  // Where no worker has that connector any more, none can run the plan either.
  if (manifest === undefined) return true;
  const named = manifest.actions.filter(({ name }) => steps.some(({ action }) => action === name));
  const { effect, risk } = strictest(named);
  return effect === operation.effect && risk === operation.risk;
}

/** Reads an operation's current plan once; null where there is none, a refusal where its row cannot be read. */
async function readPlan(reads: Reads, operation: Operation): Promise<Outcome<PlanRecord | null>> {
  try {
    return accept(operation.revision === 0 ? null : await reads.plans.get(operation.id, operation.revision));
  } catch (error) {
    if (error instanceof CodedError && error.code === 'E_INTERNAL') return changed('the stored plan cannot be read');
    throw error;
  }
}

/**
 * The operation's current plan, its digest derived again from the bytes that will be shown, approved or run.
 *
 * Whoever owns the database can write any row; what was approved is known by its digest alone. Refuses with E_STATE
 * where there is no plan, with E_DIGEST_MISMATCH where plan, digest and operation do not fit each other or `expected`.
 */
export async function wholePlan(
  context: EngineContext,
  reads: Reads,
  operation: Operation,
  expected: string | null = null,
): Promise<Outcome<WholePlan>> {
  const found = await readPlan(reads, operation);
  if (!found.ok) return found;
  const plan = found.value;
  if (plan === null || plan.state === 'error' || plan.body === null || plan.digest === null) {
    return refuse('E_STATE', 'the operation has no plan', { next: 'plan it first' });
  }
  const { digest, body } = plan;
  if (canonicalOrNull(() => planDigest(body, context.sha256)) !== digest)
    return changed('the stored plan is not the one its digest names');
  if (expected !== null && digest !== expected) return changed('the stored plan is not the one that was started');
  if (!asksForTheSame(operation, body)) return changed('the stored operation is not the one that was planned');
  if (!(await isAsStrict(context, reads, operation, body))) {
    return changed('the stored effect or risk is not that of the planned actions');
  }
  return accept({ ...plan, digest, body });
}
