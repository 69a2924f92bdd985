import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CodedError, SecretPlace } from '@countersign/protocol';

/** Where a worker looks for secrets. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that relative paths begin at. */
  readonly folder: string;
}

const longestSecret = 65_536;

function unusable(what: string, why: string): CodedError {
  return new CodedError('E_CONFIG', `the secret of ${what} ${why}`, {
    field: what,
    next: 'put it there and try again',
  });
}

function fromFile(path: string, what: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw unusable(what, `cannot be read (${code})`);
  }
  // Editors end a file with a line feed, which belongs to no secret.
  const secret = text.replace(/\r?\n$/, '');
  if (secret === '' || secret.length > longestSecret) throw unusable(what, 'is empty or longer than 64 KB');
  return secret;
}

/** How a place is written in a rule of `worker.accept`: `file:PATH`, `env:NAME`, `credential:NAME`. */
export function placeText(place: SecretPlace): string {
  if ('secret_env' in place) return `env:${place.secret_env}`;
  return 'secret_file' in place ? `file:${place.secret_file}` : `credential:${place.secret_credential}`;
}

function find(place: SecretPlace, { env, folder }: SecretSources): string {
  const what = placeText(place);
  if ('secret_env' in place) {
    const secret = env[place.secret_env];
    if (secret === undefined || secret === '') throw unusable(what, 'is not set');
    return secret;
  }
  if ('secret_file' in place) return fromFile(resolve(folder, place.secret_file), what);
  const credentials = env['CREDENTIALS_DIRECTORY'];
  if (credentials === undefined) throw unusable(what, 'is not there: this process got no credentials from systemd');
  return fromFile(join(credentials, place.secret_credential), what);
}

/** Settings with each named place replaced by the secret that stands there. Throws E_CONFIG with the place, never with a secret. */
export function findSecrets(settings: unknown, sources: SecretSources): unknown {
  const place = SecretPlace.safeParse(settings);
  if (place.success) return find(place.data, sources);
  if (Array.isArray(settings)) return settings.map((each: unknown) => findSecrets(each, sources));
  if (typeof settings !== 'object' || settings === null) return settings;
  return Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, findSecrets(value, sources)]));
}
