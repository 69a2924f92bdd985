import { type GroupMember, type GroupStart, roleAt, roleReaches, type Unit } from '@countersign/kernel';
import { accept, type Grant, type Outcome, refuse } from '@countersign/protocol';
import { withinRoot } from '../token/authenticate.ts';

const next = 'have somebody start what is left who may';

/**
 * What whoever started a group holds now: their token's share of it where they came with one. `gone` where that gives nothing any
 * more, `anything` for a call from inside of the process, behind which there is no row.
 */
async function grantsNow(
  unit: Unit,
  { by, tokenId }: GroupStart,
  now: number,
): Promise<readonly Grant[] | 'gone' | 'anything'> {
  const person = await unit.people.byName(by.root);
  if (tokenId === null) return person?.grants ?? 'anything';
  const token = await unit.tokens.get(tokenId);
  const isOver = token === null || token.revokedAt !== null || (token.expiresAt !== null && token.expiresAt <= now);
  return isOver ? 'gone' : withinRoot(token, person).grants;
}

/**
 * Whether whoever started a group may still run the members of a wave that begins now: a wave is begun in their name, so it needs
 * what they hold at that moment, as a command of theirs would. E_AUTH_INVALID, E_AUTH_FORBIDDEN.
 */
export async function starterStands(
  unit: Unit,
  start: GroupStart,
  members: readonly GroupMember[],
  now: number,
): Promise<Outcome<null>> {
  const grants = await grantsNow(unit, start, now);
  const who = start.by.principal;
  if (grants === 'anything') return accept(null);
  if (grants === 'gone') return refuse('E_AUTH_INVALID', `${who}, who started it, has no access any more`, { next });
  for (const { opId } of members) {
    const operation = await unit.operations.get(opId);
    const role = operation === null ? null : roleAt({ grants }, operation.target);
    if (operation === null || (role !== null && roleReaches(role, 'actions'))) continue;
    const { project, environment } = operation.target;
    const why = `${who}, who started it, may not run anything in ${project}/${environment} any more`;
    return refuse('E_AUTH_FORBIDDEN', why, { op_id: opId, next });
  }
  return accept(null);
}
