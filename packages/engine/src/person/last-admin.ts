import { installationRole, type Person, type Token, type Unit } from '@countersign/kernel';
import { type Refusal, refuse } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { withinRoot } from '../token/authenticate.ts';

/** Whether these grants make an administrator of the installation. */
export function isAdmin(holder: Pick<Person, 'grants'>): boolean {
  return installationRole(holder) === 'admin';
}

/** Whether somebody who is called otherwise is left who may let people in: an administrator who signs in, or one by a token. */
async function anotherAdmin(context: EngineContext, unit: Unit, name: string): Promise<boolean> {
  const people = await unit.people.list();
  const others = people.filter((person) => person.name !== name);
  if (others.some((person) => person.state === 'active' && isAdmin(person))) return true;
  const now = context.clock.now();
  const tokens = (await unit.tokens.list()).filter((token) => token.root !== name && lives(token, now));
  return tokens.some((token) => {
    const person = people.find((known) => known.name === token.root) ?? null;
    return person?.state !== 'disabled' && isAdmin(withinRoot(token, person));
  });
}

function lives({ kind, revokedAt, expiresAt }: Token, now: number): boolean {
  return kind === 'person' && revokedAt === null && (expiresAt === null || expiresAt > now);
}

/** The only administrators of an installation may not shut themselves out. */
export async function someAdminRemains(context: EngineContext, unit: Unit, without: Person): Promise<boolean> {
  return !isAdmin(without) || (await anotherAdmin(context, unit, without.name));
}

/**
 * Whether an administrator is left once somebody of this name joins with these grants: tokens of that root, so far held by
 * nobody who signs in, give no more than these from then on.
 */
export async function adminRemainsBeside(
  context: EngineContext,
  unit: Unit,
  joining: Pick<Person, 'name' | 'grants'>,
): Promise<boolean> {
  if (isAdmin(joining)) return true;
  const now = context.clock.now();
  const tokens = (await unit.tokens.list()).filter((token) => token.root === joining.name && lives(token, now));
  return !tokens.some(isAdmin) || (await anotherAdmin(context, unit, joining.name));
}

/** The answer to what would leave nobody in charge. */
export function lastAdmin(name: string): Refusal {
  return refuse('E_STATE', `${name} is the only administrator left`, {
    next: 'make another administrator first: countersign people invite NAME --role admin',
  });
}
