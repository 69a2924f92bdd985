import type { NewPasskeyAnswer, PasskeyAnswer, PasskeyOptions } from '@countersign/protocol';
import { Refused } from './refused.ts';

/** Whether this browser has passkeys, and can read the options as the server writes them. */
export const hasPasskeys =
  typeof PublicKeyCredential === 'function' && 'parseRequestOptionsFromJSON' in PublicKeyCredential;

function refusedHere(error: unknown): Refused {
  const dismissed = error instanceof DOMException && (error.name === 'NotAllowedError' || error.name === 'AbortError');
  const message = error instanceof Error ? error.message : 'the browser gives no reason';
  return dismissed
    ? new Refused('page.passkey', 'the passkey was not used', 'try again, or choose another way')
    : new Refused('page.passkey', `the browser did not use the passkey: ${message}`, 'choose another way');
}

/** What the browser's own `toJSON` writes, by the schema that the server reads it with. */
function written(credential: PublicKeyCredential): NewPasskeyAnswer & PasskeyAnswer;
function written(credential: PublicKeyCredential): unknown {
  return credential.toJSON();
}

async function ask(asking: () => Promise<Credential | null>): Promise<PublicKeyCredential> {
  let credential: Credential | null;
  try {
    credential = await asking();
  } catch (error) {
    throw refusedHere(error);
  }
  if (credential instanceof PublicKeyCredential) return credential;
  throw refusedHere(null);
}

/** Asks whoever sits there for one of their passkeys. */
export async function askForPasskey(options: PublicKeyCredentialRequestOptionsJSON): Promise<PasskeyAnswer> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return written(await ask(() => navigator.credentials.get({ publicKey })));
}

type PasskeyAsked = PasskeyOptions['options'];

function isNewPasskey(options: PasskeyAsked): options is PasskeyAsked & PublicKeyCredentialCreationOptionsJSON {
  return 'rp' in options && 'user' in options && Array.isArray(options['pubKeyCredParams']);
}

/** Has a new passkey made. */
export async function makePasskey(options: PasskeyAsked): Promise<NewPasskeyAnswer> {
  if (!isNewPasskey(options)) throw refusedHere(new Error('the server did not say what it wants'));
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  return written(await ask(() => navigator.credentials.create({ publicKey })));
}
