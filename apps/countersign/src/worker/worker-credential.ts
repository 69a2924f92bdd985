import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ApiError, type CredentialSource, connect } from '@countersign/client';
import { enrolmentMessage, makeWorkerProof, type Signer, toBase64 } from '@countersign/evidence';
import { createSigner, generateSigningKey } from '@countersign/evidence/node';
import { CodedError, readJson } from '@countersign/protocol';
import { z } from 'zod';
import { writeDurably } from '../keys/write-durably.ts';
import { version } from '../version.ts';

/** `worker/key.json` of a worker's data folder; readable by its owner only. */
const KeyFile = z.strictObject({
  /** PKCS #8 PEM; it never leaves this file. */
  private_key: z.string(),
  /** SHA-256 of the secret that it is for: told twice, it is spent once. */
  enrolment_sha256: z.string(),
  /** Null until the server has answered. */
  joined: z.strictObject({ worker: z.string(), installation: z.string() }).nullable(),
});
type KeyFile = z.infer<typeof KeyFile>;

/** A worker that joined: its name, its key, and what proves it. */
export interface WorkerCredential {
  readonly worker: string;
  readonly signer: Signer;
  readonly source: CredentialSource;
}

const keyPathOf = (dataDir: string): string => join(dataDir, 'worker', 'key.json');
const signerOf = ({ private_key: pem }: KeyFile): Signer => createSigner(pem, 'countersign/worker');

function readKey(file: string): KeyFile | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
  const parsed = KeyFile.safeParse(readJson(text));
  if (parsed.success) return parsed.data;
  throw new CodedError('E_CONFIG', `${file} is not a worker's key`, {
    field: file,
    next: 'remove it and enrol the worker again',
  });
}

/** The key for a secret: the one that stands, or a fresh one, written before anything is sent, so that a lost answer loses nothing. */
function keyFor(file: string, enrolment: string): KeyFile {
  const enrolment_sha256 = createHash('sha256').update(enrolment).digest('hex');
  const standing = readKey(file);
  if (standing?.enrolment_sha256 === enrolment_sha256) return standing;
  const made: KeyFile = { private_key: generateSigningKey(), enrolment_sha256, joined: null };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeDurably(file, JSON.stringify(made));
  return made;
}

async function join_(file: string, key: KeyFile, server: string, secret: string): Promise<KeyFile> {
  const signer = signerOf(key);
  const publicKey = toBase64(signer.publicKey);
  const proof = toBase64(signer.sign(enrolmentMessage(secret, publicKey)));
  const client = connect({ url: server, userAgent: `countersign-worker/${version}` });
  const { worker, installation } = await client.call('workerEnrol', { body: { secret, public_key: publicKey, proof } });
  const joined: KeyFile = { ...key, joined: { worker, installation } };
  writeDurably(file, JSON.stringify(joined));
  return joined;
}

const renewAfterMs = 30_000;

/** Makes proofs of a key, each used for half a minute. A clock that is off is put right by the server's once it refuses one. */
export function proofSource(signer: Signer, installation: string, now: () => number): CredentialSource {
  let offsetMs = 0;
  let made: { at: number; text: string } | null = null;
  return {
    text() {
      const at = now() + offsetMs;
      if (made === null || at - made.at > renewAfterMs || at < made.at) {
        made = { at, text: makeWorkerProof(signer, installation, Math.max(0, at)) };
      }
      return made.text;
    },
    refused({ detail }: ApiError) {
      const { server_time: serverTime } = detail;
      if (typeof serverTime !== 'number') return false;
      offsetMs = serverTime - now();
      made = null;
      return true;
    },
  };
}

/**
 * The credential of a worker with a key of its own. With an enrolment it joins first, once. Throws E_AUTH_REQUIRED where the data
 * folder has no key and none was given, E_ENROLMENT_INVALID where the server does not take it.
 */
export async function workerCredential(
  dataDir: string,
  server: string,
  enrolment: string | null,
  now: () => number,
): Promise<WorkerCredential> {
  const file = keyPathOf(dataDir);
  let key = enrolment === null ? readKey(file) : keyFor(file, enrolment);
  if (key !== null && key.joined === null && enrolment !== null) key = await join_(file, key, server, enrolment);
  if (key?.joined == null) {
    throw new CodedError('E_AUTH_REQUIRED', 'this worker has not joined a server yet', {
      next: 'make an enrolment at the server (countersign workers enrol NAME --target TARGET --action ACTION) and pass it with --enrolment-file',
    });
  }
  const { worker, installation } = key.joined;
  const signer = signerOf(key);
  return { worker, signer, source: proofSource(signer, installation, now) };
}
