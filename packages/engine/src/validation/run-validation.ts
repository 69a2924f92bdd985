import {
  accept,
  type Check,
  JsonObject,
  type Outcome,
  refuse,
  type TargetRef,
  type ValidateRequest,
  type ValidationScope,
  ValidationView,
} from '@countersign/protocol';
import { recordAudit } from '../audit/record-audit.ts';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { holdsRole, sees } from '../operation/find-operation.ts';
import { waitForOperation } from '../operation/wait-for-operation.ts';
import { executeAction } from '../run/execute-action.ts';

const readWaitMs = 30_000;
const readyId = (target: string): string => `target.${target}.ready`;
const repositoryId = (target: string): string => `repo.${target}.status`;

function worst(checks: readonly Check[]): ValidationView['status'] {
  if (checks.some((check) => check.status === 'fail')) return 'fail';
  return checks.some((check) => check.status === 'warn') ? 'warn' : 'pass';
}

async function readinessChecks(context: EngineContext, targets: readonly TargetRef[]): Promise<Check[]> {
  const workers = await context.store.read((reads) => context.catalogue.workers(reads));
  return targets.map((target): Check => {
    const own = context.catalogue.builtIn(target.connector) !== undefined;
    const offered = workers.flatMap((worker) => worker.targets).find((known) => known.name === target.name);
    const status = offered?.status ?? (own ? 'ready' : 'unavailable');
    return {
      id: readyId(target.name),
      status: status === 'ready' ? 'pass' : status === 'degraded' ? 'warn' : 'fail',
      severity: 'error',
      message: offered?.message ?? (own ? 'the server itself serves it' : 'no worker serves it'),
    };
  });
}

function repositoryCheck(target: TargetRef, summary: JsonObject | null, failure: string | null): Check {
  const id = repositoryId(target.name);
  if (failure !== null) return { id, status: 'fail', severity: 'error', message: failure };
  const workTree = typeof summary?.['work_tree'] === 'string' ? summary['work_tree'] : 'unknown';
  const dirty = workTree !== 'clean' && workTree !== 'none';
  return {
    id,
    status: dirty ? 'warn' : 'pass',
    severity: 'warning',
    message: `${String(summary?.['branch'] ?? 'the branch')} is at ${String(summary?.['commit'] ?? 'an unknown commit')}; work tree: ${workTree}`,
  };
}

async function checkRepository(context: EngineContext, caller: Caller, target: TargetRef): Promise<Check> {
  const started = await executeAction(context, caller, {
    action: 'repo.status',
    target: target.name,
    inputs: {},
    request_id: context.ids.next(),
  });
  if (!started.ok) return repositoryCheck(target, null, started.message);
  const ended = await waitForOperation(
    context,
    started.value,
    readWaitMs,
    async (_reads, operation) => operation.state === 'closed',
  );
  const run = await context.store.read((reads) => reads.runs.byOperation(started.value));
  if (!ended || run === null) return repositoryCheck(target, null, 'it did not answer in time');
  return repositoryCheck(target, run.summary, run.failure?.message ?? null);
}

/** Runs the checks of a scope now and keeps their result. Changes no target. */
export async function runValidation(
  context: EngineContext,
  caller: Caller,
  request: ValidateRequest,
): Promise<Outcome<ValidationView>> {
  const { scope } = request;
  if (scope === 'module') {
    return refuse('E_CAPABILITY_DISABLED', 'module checks need the Odoo connector, which is not enabled here', {
      field: 'scope',
      next: 'use scope workspace or repo',
    });
  }
  const fitting = context.targets.filter(
    (target) =>
      (request.target === undefined || target.name === request.target) &&
      (scope === 'workspace' || target.connector === 'repo') &&
      sees(caller, target),
  );
  const [only] = fitting;
  if (only === undefined) {
    return refuse('E_TARGET_UNKNOWN', 'no target fits', {
      field: request.target === undefined ? 'scope' : 'target',
      next: 'see `countersign targets`',
    });
  }
  const targets = fitting.filter((target) => holdsRole(caller, target, 'actions').ok);
  if (targets.length === 0) {
    const holds = holdsRole(caller, only, 'actions');
    if (!holds.ok) return holds;
  }
  const repositories =
    scope === 'repo' ? await Promise.all(targets.map((target) => checkRepository(context, caller, target))) : [];
  const checks = [...(await readinessChecks(context, targets)), ...repositories];
  const view: ValidationView = { scope, status: worst(checks), checks, at: context.clock.now() };
  await commit(context, 'validation', async (unit) => {
    await unit.settings.set(`validation.${scope}`, JsonObject.parse(view));
    await recordAudit(context, unit, {
      event: 'validation.run',
      actor: actorOf(caller.principal),
      subject: { kind: 'installation', id: context.settings.installation },
      outcome: view.status === 'fail' ? 'failed' : 'ok',
      correlationId: caller.correlationId,
      detail: { scope, status: view.status, checks: checks.length },
    });
  });
  return accept(view);
}

/** The newest result of a scope, as far as it is about targets that the caller sees. */
export async function validationStatus(
  context: EngineContext,
  caller: Caller,
  scope: ValidationScope,
): Promise<ValidationView> {
  const kept = ValidationView.safeParse(await context.store.read((reads) => reads.settings.get(`validation.${scope}`)));
  const visible = context.targets.filter((target) => sees(caller, target));
  const ids = new Set(visible.flatMap(({ name }) => [readyId(name), repositoryId(name)]));
  const checks = kept.success ? kept.data.checks.filter(({ id }) => ids.has(id)) : [];
  if (!kept.success || checks.length === 0) return { scope, status: 'unknown', checks: [], at: null };
  return { ...kept.data, status: worst(checks), checks };
}
