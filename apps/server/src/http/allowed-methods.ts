import type { RouteDefinition } from '@countersign/protocol';

/** Addresses that one server answers at. */
export class AddressBook {
  readonly #served: readonly { readonly route: RouteDefinition; readonly address: RegExp }[];

  constructor(table: readonly RouteDefinition[]) {
    this.#served = table.map((route) => ({
      route,
      address: new RegExp(`^${route.path.replaceAll('.', '\\.').replaceAll(/:[a-z_]+/g, '[^/]+')}$`),
    }));
  }

  #at(path: string): RouteDefinition[] {
    return this.#served.filter(({ address }) => address.test(path)).map(({ route }) => route);
  }

  /** Methods that are served at a path, sorted; none where the address itself is unknown. */
  methodsAt(path: string): string[] {
    return [...new Set(this.#at(path).map(({ method }) => method))].sort();
  }

  /** The lane that a path is in; null where the address is unknown. A path is in one lane, whatever its methods. */
  laneAt(path: string): RouteDefinition['lane'] | null {
    return this.#at(path)[0]?.lane ?? null;
  }
}
