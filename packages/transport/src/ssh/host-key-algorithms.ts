import type { ServerHostKeyAlgorithm } from 'ssh2';

/** An RSA key may sign with SHA-2 alone: SHA-1 signatures are refused. */
const byType: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** What the host may prove itself with: only types of which a key is known, else a host with several would show another. */
export function offeredHostKeys(types: readonly string[]): ServerHostKeyAlgorithm[] {
  return Object.entries(byType).flatMap(([type, algorithms]) => (types.includes(type) ? algorithms : []));
}
