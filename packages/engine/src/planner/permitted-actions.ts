import type { PlannerAction } from '@countersign/kernel';
import {
  type ActionManifest,
  accept,
  askedFor,
  type Outcome,
  refuse,
  type TargetRef,
  type TargetSelector,
} from '@countersign/protocol';
import { nearest } from '../catalogue/nearest.ts';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { decideProposal } from '../operation/decide-verdict.ts';
import { holdsRole, sees } from '../operation/find-operation.ts';

const selected = (target: TargetRef, { target: name, project, environment }: TargetSelector): boolean =>
  (name === undefined || target.name === name) &&
  (project === undefined || target.project === project) &&
  (environment === undefined || target.environment === environment);

function mayDo(context: EngineContext, caller: Caller, target: TargetRef, action: ActionManifest): boolean {
  if (!holdsRole(caller, target, 'actions').ok) return false;
  const phase = action.effect === 'read' ? 'read' : 'propose';
  const steps = [{ action: action.name, inputs: {} }];
  return decideProposal(context, caller, phase, { target, actions: [action], steps }).verdict.decision !== 'deny';
}

/**
 * What this caller may propose or read, and where: the whole world of a planner. Only targets that a live worker serves.
 * E_TARGET_UNKNOWN where the selector fits nothing that the caller sees.
 */
export async function permittedActions(
  context: EngineContext,
  caller: Caller,
  selector: TargetSelector,
): Promise<Outcome<PlannerAction[]>> {
  const seen = context.targets.filter((target) => sees(caller, target));
  const targets = seen.filter((target) => selected(target, selector));
  const named = selector.target ?? selector.environment ?? selector.project;
  if (targets.length === 0 && named !== undefined) {
    return refuse('E_TARGET_UNKNOWN', `there is no target at "${named}" that you may see`, {
      field: selector.target === undefined ? 'environment' : 'target',
      did_you_mean: nearest(named, [...new Set(seen.flatMap(({ name, environment }) => [name, environment]))]),
      next: 'see `countersign targets`',
    });
  }
  const found = new Map<string, { action: ActionManifest; targets: TargetRef[] }>();
  await context.store.read(async (reads) => {
    for (const target of targets) {
      const [serving] = await context.catalogue.serving(reads, target);
      for (const action of askedFor(serving?.manifest.actions ?? [])) {
        if (!mayDo(context, caller, target, action)) continue;
        const standing = found.get(action.name) ?? { action, targets: [] };
        standing.targets.push(target);
        found.set(action.name, standing);
      }
    }
  });
  return accept([...found.values()].sort((a, b) => (a.action.name < b.action.name ? -1 : 1)));
}
