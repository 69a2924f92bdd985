import { createHash } from 'node:crypto';
import type { Json } from '@countersign/protocol';
import canonicalize from 'canonicalize';

/** `sha256:<hex>` of the RFC 8785 bytes of a JSON value. */
export function fingerprint(value: Json): string {
  const text = canonicalize(value);
  if (text === undefined) throw new TypeError('only JSON values have a fingerprint');
  return `sha256:${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}
