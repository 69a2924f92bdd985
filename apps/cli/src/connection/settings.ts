import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { resolve } from 'node:path';
import { CodedError } from '@countersign/protocol';
import type { CliDeps } from '../program/deps.ts';

type Place = Pick<CliDeps, 'env' | 'cwd'>;

/** The data folder: COUNTERSIGN_DATA_DIR, else `.countersign` here. */
export function dataFolder({ env, cwd }: Place): string {
  return resolve(cwd, env['COUNTERSIGN_DATA_DIR'] || '.countersign');
}

/** Address of the server: the option, COUNTERSIGN_SERVER, else this machine on COUNTERSIGN_PORT or 9325. */
export function serverUrl({ env }: Place, option: string | undefined): string {
  return option ?? (env['COUNTERSIGN_SERVER'] || `http://127.0.0.1:${env['COUNTERSIGN_PORT'] || '9325'}`);
}

/** Whether an address is this machine. */
export function isLoopback(url: string): boolean {
  const host = URL.parse(url)?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

async function tokenIn(path: string): Promise<string | null> {
  const text = (await readFile(path, 'utf8')).trim();
  return /^[\x21-\x7e]+$/.test(text) ? text : null;
}

/**
 * A token that somebody gave for this: `--token-file`, else COUNTERSIGN_TOKEN; null where nobody did.
 *
 * @throws CodedError E_VALIDATION when the named file holds no token.
 */
export async function givenToken(place: Place, tokenFile: string | undefined): Promise<string | null> {
  if (tokenFile === undefined) return place.env['COUNTERSIGN_TOKEN']?.trim() || null;
  const path = resolve(place.cwd, tokenFile);
  const token = await tokenIn(path).catch((cause: unknown) => {
    throw new CodedError('E_VALIDATION', `cannot read the token file ${path}`, { field: '--token-file' }, { cause });
  });
  if (token === null) throw new CodedError('E_VALIDATION', `${path} holds no token`, { field: '--token-file' });
  return token;
}

/**
 * The bearer token: a given one, else `admin.token` of the data folder where it can be read and the server is on this machine:
 * an administrator's token never leaves it unasked.
 *
 * @throws CodedError E_VALIDATION when the named file holds no token.
 */
export async function bearerToken(place: Place, tokenFile: string | undefined, url: string): Promise<string | null> {
  const given = await givenToken(place, tokenFile);
  if (given !== null) return given;
  if (!isLoopback(url)) return null;
  // Absent or not ours to read: the server then says that a token is needed.
  return tokenIn(resolve(dataFolder(place), 'admin.token')).catch(() => null);
}
