import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { dirname, resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { ServerTls } from '@countersign/server';
import { z } from 'zod';
import type { LoadedConfig } from './load-config.ts';

function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  const family = isIP(address);
  if (family === 0 || more.length > 0) return false;
  if (bits === undefined) return true;
  const most = family === 4 ? 32 : 128;
  // Everybody is no proxy: whoever calls could then say that they are somebody else.
  return /^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= most;
}

/** `tls` of `countersign.yaml`. */
export const TlsConfig = z
  .strictObject({
    cert: z.string().min(1).meta({ description: 'File with the certificate and its chain, in PEM.' }),
    key: z.string().min(1).meta({ description: 'File with the private key, in PEM; only the server should read it.' }),
  })
  .optional()
  .meta({ description: 'HTTPS by this server itself; leave it out behind a proxy that does it. Read at the start.' });

/** `trust_proxy` of `countersign.yaml`. */
export const TrustProxy = z
  .array(z.string().refine(isNetwork, 'expected an address or a network, such as 127.0.0.1 or 10.1.0.0/16'))
  .max(50)
  .default([])
  .meta({ description: "Proxies whose X-Forwarded-For, -Proto and -Host are believed; nobody's when left out." });

function read(loaded: LoadedConfig, field: 'cert' | 'key', path: string): string {
  try {
    return readFileSync(resolve(dirname(loaded.file), path), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw loaded.problemAt(['tls', field], `the file ${path} cannot be read (${code})`);
  }
}

/** Certificate and key, read and tried; null where none are configured. Throws E_CONFIG where they cannot be used. */
export function readTls(loaded: LoadedConfig): ServerTls | null {
  const { tls } = loaded.config;
  if (tls === undefined) return null;
  const pair = { cert: read(loaded, 'cert', tls.cert), key: read(loaded, 'key', tls.key) };
  try {
    createSecureContext(pair);
  } catch (error) {
    const why = error instanceof Error ? error.message : 'no reason given';
    throw loaded.problemAt(['tls', 'cert'], `certificate and key cannot be used together: ${why}`);
  }
  return pair;
}
