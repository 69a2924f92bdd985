import { readJson, WorkerProofPayload } from '@countersign/protocol';
import { fromBase64, toBase64 } from '../bytes/base64.ts';
import { fromUtf8, utf8 } from '../bytes/utf8.ts';
import type { Signer } from '../crypto/ports.ts';

/** How long a proof is good; a worker makes a new one well before. */
export const workerProofMs = 60_000;

const domain = 'countersign/worker-proof/v1\n';
const enrolmentDomain = 'countersign/worker-enrolment/v1\n';

/** What a worker claims with each request, and the bytes that its signature is over. */
export interface WorkerProof extends WorkerProofPayload {
  readonly message: Uint8Array;
  readonly signature: Uint8Array;
}

const toUrl = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
const fromUrl = (text: string): string => {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/');
  return plain.padEnd(Math.ceil(plain.length / 4) * 4, '=');
};

/** A bearer credential that a worker makes of its own key: `csp_PAYLOAD.SIGNATURE`, good for a minute from `at` on, for one installation. */
export function makeWorkerProof(signer: Signer, installation: string, at: number): string {
  const payload = toUrl(toBase64(utf8(JSON.stringify({ keyid: signer.keyid, installation, at }))));
  return `csp_${payload}.${toUrl(toBase64(signer.sign(utf8(domain + payload))))}`;
}

/** Reads a proof without believing it; null where the text is none. */
export function readWorkerProof(text: string): WorkerProof | null {
  const [, payload, signed] = /^csp_([A-Za-z0-9_-]{1,400})\.([A-Za-z0-9_-]{86})$/.exec(text) ?? [];
  if (payload === undefined || signed === undefined) return null;
  const json = fromBase64(fromUrl(payload));
  const signature = fromBase64(fromUrl(signed));
  if (json === null || signature === null) return null;
  const parsed = WorkerProofPayload.safeParse(jsonOf(json));
  return parsed.success ? { ...parsed.data, message: utf8(domain + payload), signature } : null;
}

function jsonOf(bytes: Uint8Array): unknown {
  try {
    return readJson(fromUtf8(bytes) ?? '');
  } catch {
    // Whatever it is, it proves nothing.
    return null;
  }
}

/** What a worker signs to join: this secret is redeemed for this key by whoever holds its private half. */
export function enrolmentMessage(secret: string, publicKey: string): Uint8Array {
  return utf8(`${enrolmentDomain}${secret}\n${publicKey}`);
}
