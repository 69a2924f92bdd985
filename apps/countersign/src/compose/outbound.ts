import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type GuardOptions, guardedFetch, type OutboundFetch } from '@countersign/outbound';
import type { LoadedConfig } from '../config/load-config.ts';

/** Makes an HTTP client for one use, such as a webhook: guarded by the configuration, bounded by that use. */
export type Outbound = (bounds: OutboundBounds) => OutboundFetch;

interface OutboundBounds extends Omit<GuardOptions, 'allow' | 'ca'> {
  /** An origin that the operator wrote into the configuration for this very use: that is the permission to call it. */
  readonly permits?: string;
}

function certificatesOf(loaded: LoadedConfig): string[] {
  const { ca_file: path } = loaded.config.outbound;
  if (path === undefined) return [];
  const problem = (expected: string) => loaded.problemAt(['outbound', 'ca_file'], expected);
  let text: string;
  try {
    text = readFileSync(resolve(dirname(loaded.file), path), 'utf8');
  } catch {
    throw problem('expected a file that can be read');
  }
  const found = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  if (found.length === 0) throw problem('expected a PEM file with at least one certificate');
  return found;
}

function allowEntryOf({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port === '' ? (protocol === 'https:' ? '443' : '80') : port}`;
}

/** What the configuration says about calls to the outside. Throws E_CONFIG with file and line. */
export function openOutbound(loaded: LoadedConfig): Outbound {
  const guard = { allow: loaded.config.outbound.allow, ca: certificatesOf(loaded) };
  return ({ permits, ...bounds }) => {
    const allow = permits === undefined ? guard.allow : [...guard.allow, allowEntryOf(new URL(permits))];
    return guardedFetch({ ...bounds, ...guard, allow });
  };
}
