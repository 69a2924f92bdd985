import { liveApprovals, type Operation, type Reads, type Reminder } from '@countersign/kernel';
import { operationSubject, placeOf, recordAudit } from '../audit/record-audit.ts';
import { systemActor } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { isUnreadable, waitingOperations } from '../operation/waiting-operations.ts';

interface Due extends Reminder {
  /** When the decision that lapses first does; null where nobody has decided. */
  readonly expiresAt: number | null;
}

/** Of what people are to be reminded now for one operation, whether or not they were. */
async function dueFor(context: EngineContext, reads: Reads, operation: Operation): Promise<Due[]> {
  const { id: operationId, revision, verdict } = operation;
  const plan = await reads.plans.get(operationId, revision);
  if (plan === null || plan.digest === null || (await reads.runs.byOperation(operationId)) !== null) return [];
  const at = context.clock.now();
  const { remindMs, approvalTtlMs } = context.settings;
  const due: Due[] = [];
  if (verdict?.decision === 'needs' && at - plan.createdAt >= remindMs)
    due.push({ operationId, revision, reason: 'waiting', at, expiresAt: null });
  const live = liveApprovals(await reads.approvals.list(operationId), plan.digest, at);
  const expiresAt = Math.min(...live.map(({ statement }) => statement.expires_at));
  // Where decisions hold for less than the time of reminding, their last quarter is early enough.
  if (live.length > 0 && expiresAt - at <= Math.min(remindMs, approvalTtlMs / 4))
    due.push({ operationId, revision, reason: 'expiring', at, expiresAt });
  return due;
}

/** Of what people are to be reminded now for one operation, and were not. */
async function newlyDue(context: EngineContext, reads: Reads, opId: string): Promise<Due[]> {
  const operation = await reads.operations.get(opId);
  const due: Due[] = [];
  for (const each of operation === null ? [] : await dueFor(context, reads, operation))
    if (!(await reads.reminders.stands(each))) due.push(each);
  return due;
}

async function collectDue(context: EngineContext, onUnreadable: (error: unknown) => void): Promise<Due[]> {
  const due: Due[] = [];
  const waiting = waitingOperations((query) => context.store.read(query), { states: ['planned'] });
  for await (const opId of waiting) {
    try {
      due.push(...(await context.store.read((reads) => newlyDue(context, reads, opId))));
    } catch (error) {
      if (!isUnreadable(error)) throw error;
      onUnreadable(error);
    }
  }
  return due;
}

/**
 * Reminds people, once for each plan and reason, of plans that wait for a decision and of decisions that lapse before
 * anything ran. Several servers may look at once: one of them says it. What cannot be read is passed over and reported.
 */
export async function remindPeople(context: EngineContext, onUnreadable: (error: unknown) => void): Promise<number> {
  let said = 0;
  for (const { expiresAt, ...reminder } of await collectDue(context, onUnreadable)) {
    const fresh = await commit(
      context,
      'record',
      async (unit) => {
        const operation = await unit.operations.lock(reminder.operationId);
        if (operation?.state !== 'planned' || operation.revision !== reminder.revision) return false;
        if (!(await unit.reminders.claim(reminder))) return false;
        await recordAudit(context, unit, {
          event: 'approval.reminded',
          actor: systemActor,
          subject: operationSubject(operation.id),
          outcome: 'ok',
          correlationId: operation.correlationId,
          detail: {
            ...placeOf(operation),
            target: operation.target.name,
            reason: reminder.reason,
            revision: reminder.revision,
            expires_at: expiresAt,
          },
        });
        return true;
      },
      (told) => told,
    );
    if (fresh) said += 1;
  }
  return said;
}
