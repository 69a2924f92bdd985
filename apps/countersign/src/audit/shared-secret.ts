import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { LoadedConfig } from '../config/load-config.ts';

const shortestSecret = 16;

/** The secret that an entry of the configuration names, read once at the start. Throws E_CONFIG with file and line. */
export function sharedSecret(
  loaded: LoadedConfig,
  entry: { readonly secret_file?: string | undefined; readonly secret_env?: string | undefined },
  path: readonly PropertyKey[],
  env: Readonly<Record<string, string | undefined>>,
): string {
  const variable = entry.secret_env;
  const field = variable === undefined ? 'secret_file' : 'secret_env';
  const problem = (expected: string) => loaded.problemAt([...path, field], expected);
  let secret: string;
  try {
    const file = resolve(dirname(loaded.file), entry.secret_file ?? '');
    secret = variable === undefined ? readFileSync(file, 'utf8').trim() : (env[variable] ?? '');
  } catch {
    throw problem('expected a file that can be read');
  }
  if (secret.length < shortestSecret) throw problem(`expected a secret of at least ${shortestSecret} characters`);
  return secret;
}

/** `t=<seconds>,v1=<hex>`: HMAC-SHA-256 with the shared secret over the time, a dot and the body. */
export function webhookSignature(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}
