import { concatBytes } from '../bytes/bytes.ts';
import { utf8 } from '../bytes/utf8.ts';

/**
 * DSSE pre-authentication encoding: the bytes that are signed for a payload of this type.
 *
 * `DSSEv1`, type and payload, each with its length in bytes (https://github.com/secure-systems-lab/dsse, protocol 1.0).
 */
export function preAuthEncoding(payloadType: string, payload: Uint8Array): Uint8Array {
  const type = utf8(payloadType);
  return concatBytes(utf8(`DSSEv1 ${type.length} `), type, utf8(` ${payload.length} `), payload);
}
