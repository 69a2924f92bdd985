import { highestRole, type Person } from '@countersign/kernel';
import type { Principal } from '@countersign/protocol';

/** Who acts in a person's session: the same will as a person's token of that name. */
export function principalOfPerson({ name, grants, groups }: Pick<Person, 'name' | 'grants' | 'groups'>): Principal {
  return {
    id: `person:${name}`,
    name,
    kind: 'person',
    role: highestRole(grants) ?? 'viewer',
    grants: [...grants],
    groups: [...groups],
    scopes: null,
    root: name,
    ai: false,
  };
}
