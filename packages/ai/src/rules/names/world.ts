import type { InventoryItem, PlannerAction, PlanPromptRequest } from '@countersign/kernel';
import type { TargetRef } from '@countersign/protocol';
import { fold } from '../text/fold.ts';

/** Everything that has a name here, by the folded name. */
export interface World {
  readonly actions: readonly PlannerAction[];
  readonly targets: readonly TargetRef[];
  readonly items: readonly InventoryItem[];
  /** Things by name and alias. */
  readonly itemsByName: ReadonlyMap<string, readonly InventoryItem[]>;
  /** Names of targets, projects and environments with the targets that each means. */
  readonly places: ReadonlyMap<string, readonly TargetRef[]>;
}

function grouped<Value>(pairs: readonly (readonly [string, Value])[]): Map<string, Value[]> {
  const groups = new Map<string, Value[]>();
  for (const [name, value] of pairs) {
    const key = fold(name);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [value]);
    else if (!group.includes(value)) group.push(value);
  }
  return groups;
}

/** Indexes the names of a request. */
export function worldOf({ actions, inventory }: Pick<PlanPromptRequest, 'actions' | 'inventory'>): World {
  const targets = [...new Map(actions.flatMap((one) => one.targets).map((target) => [target.name, target])).values()];
  return {
    actions,
    targets,
    items: inventory,
    itemsByName: grouped(
      inventory.flatMap((item) => [item.name, ...item.aliases].map((name) => [name, item] as const)),
    ),
    places: grouped(
      targets.flatMap((target) =>
        [target.name, target.project, target.environment].map((name) => [name, target] as const),
      ),
    ),
  };
}

/** The targets that the common word for a tier means, such as `production`: by the environment's name, else its tier. */
export function targetsOfTier({ targets }: World, tier: string): TargetRef[] {
  const named = targets.filter(({ environment }) => fold(environment) === tier);
  return named.length > 0 ? named : targets.filter((target) => target.tier === tier);
}
