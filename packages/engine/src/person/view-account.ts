import type { Person, Reads } from '@countersign/kernel';
import type { AccountView } from '@countersign/protocol';
import { viewPerson } from './view-person.ts';

/** What a person sees of their own account. */
export async function viewAccount(reads: Pick<Reads, 'factors'>, person: Person): Promise<AccountView> {
  const passkeys = await reads.factors.passkeys(person.id);
  return {
    person: await viewPerson(reads, person),
    passkeys: passkeys.map(({ id, name, createdAt, lastUsedAt }) => ({
      passkey_id: id,
      name,
      created_at: createdAt,
      last_used_at: lastUsedAt,
    })),
  };
}
