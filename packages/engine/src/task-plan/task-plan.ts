import type { TaskPlan } from '@countersign/kernel';
import {
  accept,
  createTargetScrubber,
  type Json,
  type JsonObject,
  type Outcome,
  refuse,
  type TaskPlanRequest,
  type TaskPlanView,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';

const scrubber = createTargetScrubber([]);

function scrubbed(value: Json): Json {
  if (typeof value === 'string') return scrubber.text(value);
  if (Array.isArray(value)) return value.map(scrubbed);
  return typeof value === 'object' && value !== null ? scrubbedObject(value) : value;
}

function scrubbedObject(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, item]) => [key, scrubbed(item)]));
}

function view({ id, title, tasks, status, revision, changedBy, changedAt }: TaskPlan): TaskPlanView {
  return { id, title, tasks: [...tasks], status, revision, updated_by: changedBy, updated_at: changedAt };
}

/** The active task list. */
export async function readTaskPlan(context: EngineContext): Promise<Outcome<TaskPlanView>> {
  const active = await context.store.read((reads) => reads.taskPlans.active());
  if (active !== null) return accept(view(active));
  return refuse('E_NOT_FOUND', 'there is no task list yet', { next: 'PUT the first one' });
}

function moved(revision: number, wanted: number): Outcome<never> {
  return refuse('E_REVISION', `the task list is at revision ${revision}, not ${wanted}`, {
    field: '/revision',
    revision,
    next: 'read it again, then change what is there now',
  });
}

/** Replaces the task list by its next revision. Every revision is kept; of two at once one is refused. */
export async function putTaskPlan(
  context: EngineContext,
  caller: Caller,
  request: TaskPlanRequest,
): Promise<Outcome<TaskPlanView>> {
  return await commit(context, 'task-plan', async (unit): Promise<Outcome<TaskPlanView>> => {
    const active = await unit.taskPlans.active();
    const stands = active?.revision ?? 0;
    if (request.revision !== undefined && request.revision !== stands) return moved(stands, request.revision);
    const plan: TaskPlan = {
      revision: stands + 1,
      id: request.id ?? active?.id ?? context.ids.next(),
      title: scrubber.text(request.title),
      tasks: request.tasks.map((task) => (typeof task === 'string' ? scrubber.text(task) : scrubbedObject(task))),
      status: request.status,
      changedBy: caller.principal.name,
      changedAt: context.clock.now(),
    };
    if (!(await unit.taskPlans.insert(plan))) return moved(stands + 1, stands);
    await recordAudit(context, unit, {
      event: 'task_plan.changed',
      actor: actorOf(caller.principal),
      subject: { kind: 'task_plan', id: plan.id },
      outcome: 'ok',
      correlationId: caller.correlationId,
      detail: { revision: plan.revision, title: plan.title, tasks: plan.tasks.length, status: plan.status },
    });
    return accept(view(plan));
  });
}
