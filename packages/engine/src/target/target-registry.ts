import type { ManagedTargetRow, Store } from '@countersign/kernel';
import type { TargetRef } from '@countersign/protocol';

/** A target as everyone may see it: without worker and settings. */
function refOf({ name, project, environment, tier, connector }: TargetRef): TargetRef {
  return { name, project, environment, tier, connector };
}

/**
 * Which targets there are now: those of the configuration, which hold for the life of the process, and those that were added
 * since, read again after each change here and once a second for what another server changed.
 */
export class TargetRegistry {
  readonly fixed: readonly TargetRef[];
  #current: readonly TargetRef[];

  constructor(fixed: readonly TargetRef[]) {
    this.fixed = fixed;
    this.#current = fixed;
  }

  get current(): readonly TargetRef[] {
    return this.#current;
  }

  /** Reads what was added. A name of the configuration stays with the configuration. */
  async refresh(store: Pick<Store, 'read'>): Promise<void> {
    const added: readonly ManagedTargetRow[] = await store.read((reads) => reads.targets.list());
    const own = new Set(this.fixed.map(({ name }) => name));
    this.#current = [...this.fixed, ...added.filter(({ name }) => !own.has(name)).map(refOf)];
  }
}
