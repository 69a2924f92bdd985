import { type RouteDefinition, routes } from '@countersign/protocol';

const served = Object.values(routes).map(({ method, path }: RouteDefinition) => ({
  method,
  address: new RegExp(`^${path.replaceAll('.', '\\.').replaceAll(/:[a-z_]+/g, '[^/]+')}$`),
}));

/** Methods that the route table serves at a path, sorted; none where the address itself is unknown. */
export function methodsAt(path: string): string[] {
  return [...new Set(served.filter(({ address }) => address.test(path)).map(({ method }) => method))].sort();
}
