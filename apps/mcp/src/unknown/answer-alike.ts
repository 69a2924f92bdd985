import { visibleLine } from '@countersign/evidence';
import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server';

/** Time as it comes in from outside: milliseconds that only go forward, and a pause. */
export interface Pace {
  now(): number;
  pause(ms: number): Promise<void>;
}

/** Refusals are given at whole steps of this length after the question, whatever looking took. */
export const refusalStepMs = 50;
const shownCharacters = 80;

/**
 * The one refusal for what is not there, not approved, somebody else's or no id at all: -32602, the same words but for the id as
 * it was sent.
 */
export function unknownId(id: string): ProtocolError {
  const shown = visibleLine(id.length > shownCharacters ? `${id.slice(0, shownCharacters)}…` : id);
  return new ProtocolError(ProtocolErrorCode.InvalidParams, `Nothing approved is known here as "${shown}".`);
}

/**
 * What `look` finds. Where it finds nothing the refusal waits for the next whole step of time, so that how long it took does not
 * tell why.
 *
 * @throws ProtocolError -32602 where `look` answers null.
 */
export async function answerAlike<Found>(pace: Pace, id: string, look: () => Promise<Found | null>): Promise<Found> {
  const startedAt = pace.now();
  const found = await look();
  if (found !== null) return found;
  const elapsedMs = pace.now() - startedAt;
  await pace.pause(refusalStepMs - (elapsedMs % refusalStepMs));
  throw unknownId(id);
}
