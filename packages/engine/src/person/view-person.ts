import { highestRole, type Person, type Reads } from '@countersign/kernel';
import type { PersonView } from '@countersign/protocol';

/** A person as faces see them: never a hash. */
export async function viewPerson(reads: Pick<Reads, 'factors'>, person: Person): Promise<PersonView> {
  const passkeys = await reads.factors.passkeys(person.id);
  const totp = await reads.factors.totp(person.id);
  return {
    name: person.name,
    role: highestRole(person.grants),
    grants: [...person.grants],
    groups: [...person.groups],
    state: person.state,
    proofs: {
      password: person.passwordHash !== null,
      issuer: person.identity?.issuer ?? null,
      totp: totp !== null && totp.confirmedAt !== null,
      passkeys: passkeys.length,
    },
    invited_by: person.invitedBy,
    created_at: person.createdAt,
    signed_in_at: person.signedInAt,
  };
}
