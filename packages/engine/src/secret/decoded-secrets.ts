import { findSecrets } from '@countersign/protocol';

const base64 = /^[A-Za-z0-9+/_\s-]{16,}={0,2}\s*$/;
/** A longer text is no use as a secret to look for: its own credentials, in every spelling, are. */
const longestLookedFor = 4096;

/** Text that a base64 text stands for; bytes that are no UTF-8 are read as Latin-1. */
function decoded(text: string): string | null {
  if (!base64.test(text)) return null;
  const bytes = Buffer.from(text, 'base64');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** Secrets, by the shape of known credentials, in what a base64 text stands for; none if it is not base64. */
export function secretsInBase64(text: string): string[] {
  const plain = decoded(text);
  return plain === null ? [] : findSecrets(plain);
}

/** The texts to look for where a sealed value must not be seen: itself, and what a connector finds when it decodes it. */
export function textsOfSecret(secret: string): string[] {
  const inside = secretsInBase64(secret);
  return inside.length > 0 && secret.length > longestLookedFor ? inside : [secret, ...inside];
}
