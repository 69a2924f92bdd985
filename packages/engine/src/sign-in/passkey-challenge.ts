import { randomBytes } from 'node:crypto';
import { accept, type JsonObject, type Outcome, readJson, refuse } from '@countersign/protocol';
import { z } from 'zod';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { tokenHash } from '../token/token-text.ts';
import type { RelyingParty } from './ports.ts';
import type { SignInOwner } from './sign-in-owner.ts';

const challengeMs = 5 * 60_000;

/** What a challenge was made for; nothing else is proven by its answer. */
export const ChallengePurpose = z.discriminatedUnion('for', [
  z.strictObject({ for: z.literal('sign_in') }),
  z.strictObject({ for: z.literal('add'), person: z.string() }),
  z.strictObject({ for: z.literal('step_up'), person: z.string() }),
]);
export type ChallengePurpose = z.infer<typeof ChallengePurpose>;

/** Who this server is to passkeys. Refuses with E_CAPABILITY_DISABLED where its address has no domain. */
export function relyingParty(context: EngineContext): Outcome<RelyingParty> {
  const party = context.signIn.settings.relyingParty;
  if (party !== null) return accept(party);
  return refuse('E_CAPABILITY_DISABLED', 'passkeys need a server with a domain name', {
    next: 'set sign_in.public_url in countersign.yaml to an address with a name, such as https://countersign.example.com',
  });
}

/** A challenge for one purpose, good once, for five minutes. Only its SHA-256 is kept. */
export async function newChallenge(
  context: EngineContext,
  purpose: ChallengePurpose,
  { owner, room }: SignInOwner,
): Promise<string> {
  const challenge = randomBytes(32).toString('base64url');
  const id = tokenHash(challenge, context.sha256);
  const now = context.clock.now();
  const detail: JsonObject = purpose;
  await commit(context, 'sign-in-state', async (unit) => {
    await unit.signIns.makeRoom('passkey', owner, room);
    await unit.signIns.insert({ id, kind: 'passkey', owner, detail, expiresAt: now + challengeMs });
  });
  return challenge;
}

const ClientData = z.looseObject({ challenge: z.string() });

/** The challenge in what a browser answered; null where there is none to be read. */
function challengeOf(clientDataJson: string): string | null {
  try {
    const parsed = ClientData.safeParse(readJson(Buffer.from(clientDataJson, 'base64url').toString('utf8')));
    return parsed.success ? parsed.data.challenge : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Takes the challenge of an answer away, and says what it was for; null when it is unknown, used or over. */
export async function takeChallenge(
  context: EngineContext,
  clientDataJson: string,
): Promise<{ challenge: string; purpose: ChallengePurpose } | null> {
  const challenge = challengeOf(clientDataJson);
  if (challenge === null) return null;
  const id = tokenHash(challenge, context.sha256);
  const now = context.clock.now();
  const state = await commit(
    context,
    'sign-in-state',
    (unit) => unit.signIns.take(id, 'passkey', now),
    (taken) => taken !== null,
  );
  return state === null ? null : { challenge, purpose: ChallengePurpose.parse(state.detail) };
}
