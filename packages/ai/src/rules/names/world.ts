import type { InventoryItem, PlannerAction, PlanPromptRequest } from '@countersign/kernel';
import type { TargetRef } from '@countersign/protocol';
import { fold } from '../text/fold.ts';

/** Everything that has a name here, by the folded name. */
export interface World {
  readonly actions: readonly PlannerAction[];
  readonly targets: readonly TargetRef[];
  readonly items: readonly InventoryItem[];
  /** Targets whose things could not be read, so that nobody knows what they hold. */
  readonly unread: ReadonlySet<string>;
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

/** What a thing may be called: its name, its aliases, and the twelve digits to which tools shorten a long hexadecimal id. */
function namesOf({ name, aliases }: InventoryItem): string[] {
  const short = aliases.flatMap((alias) => (/^[0-9a-f]{40,}$/.test(alias) ? [alias.slice(0, 12)] : []));
  return [name, ...aliases, ...short];
}

/** Indexes the names of a request. */
export function worldOf({
  actions,
  inventory,
  unread,
}: Pick<PlanPromptRequest, 'actions' | 'inventory' | 'unread'>): World {
  const targets = [...new Map(actions.flatMap((one) => one.targets).map((target) => [target.name, target])).values()];
  return {
    actions,
    targets,
    items: inventory,
    unread: new Set(unread.map(({ target }) => target)),
    itemsByName: grouped(inventory.flatMap((item) => namesOf(item).map((name) => [name, item] as const))),
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
