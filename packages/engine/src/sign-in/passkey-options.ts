import type { Passkey, Person } from '@countersign/kernel';
import type { PasskeyOptions } from '@countersign/protocol';
import type { RelyingParty } from './ports.ts';

const timeout = 5 * 60_000;
/** COSE: EdDSA, ES256, RS256. */
const algorithms = [-8, -7, -257];

/** How an authenticator names a person to us: their id, which is no name. */
export function userHandleOf(personId: string): string {
  return Buffer.from(personId, 'utf8').toString('base64url');
}

const descriptor = ({ id, transports }: Passkey) => ({ type: 'public-key', id, transports: [...transports] });

/** For `navigator.credentials.create`: a credential that can be found without a name, with user verification. */
export function creationOptions(
  party: RelyingParty,
  challenge: string,
  person: Person,
  known: readonly Passkey[],
): PasskeyOptions {
  return {
    options: {
      challenge,
      rp: { id: party.id, name: party.name },
      user: { id: userHandleOf(person.id), name: person.name, displayName: person.name },
      pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
      timeout,
      attestation: 'none',
      excludeCredentials: known.map(descriptor),
      authenticatorSelection: { residentKey: 'required', requireResidentKey: true, userVerification: 'required' },
    },
  };
}

/** For `navigator.credentials.get`; without known passkeys the authenticator offers what it has for us. */
export function requestOptions(party: RelyingParty, challenge: string, known: readonly Passkey[]): PasskeyOptions {
  return {
    options: {
      challenge,
      rpId: party.id,
      timeout,
      userVerification: 'required',
      allowCredentials: known.map(descriptor),
    },
  };
}
