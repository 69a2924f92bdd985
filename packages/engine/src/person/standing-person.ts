import type { Unit } from '@countersign/kernel';
import { accept, type Outcome, type Principal, refuse } from '@countersign/protocol';

/**
 * Whether the person behind a caller may still give their word, looked at inside the unit that keeps it: whoever disables them
 * comes before it, or after it and voids it. The person is locked first, as by disabling, so that neither waits for the other.
 */
export async function lockStanding(
  unit: Unit,
  { principal }: { readonly principal: Pick<Principal, 'root'> },
): Promise<Outcome<null>> {
  const found = await unit.people.byName(principal.root);
  const person = found && (await unit.people.lock(found.id));
  if (person?.state !== 'disabled') return accept(null);
  return refuse('E_AUTH_INVALID', `${person.name} was disabled meanwhile`, { next: 'ask an administrator' });
}
