import type { WorkerAuditEntry } from '@countersign/protocol';
import { fromBase64 } from '../bytes/base64.ts';
import { concatBytes } from '../bytes/bytes.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { digestText } from '../digest/digest.ts';
import { readWorkerAuditLine, workerAuditHashAsync, workerAuditSigned, workerAuditStart } from './worker-audit.ts';

/** Where a line stands, as whoever reads the check shall find it. */
export interface AuditPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

/** The answer to a line: what it says, null for what may have been torn, or where the chain breaks and why. */
export type ChainedLine =
  | { readonly ok: true; readonly entry: WorkerAuditEntry | null }
  | { readonly ok: false; readonly at: AuditPlace; readonly reason: string };

/** What stands between two whole lines and is none. */
interface Torn {
  readonly bytes: Uint8Array;
  readonly at: AuditPlace;
  readonly reason: string;
}

const newline = new Uint8Array([0x0a]);

/**
 * Checks the lines of a worker's own audit one by one: form, order, link to the line before, signature. What a killed process left
 * of a line is let through where the next line names exactly those bytes. Lines that were cut off at the end cannot be seen here.
 */
export class WorkerAuditChain {
  readonly #crypto: VerifyCrypto;
  #next: { readonly seq: number; readonly prev: string } | null = null;
  #torn: Torn | null = null;
  #signed = false;

  constructor(crypto: VerifyCrypto) {
    this.#crypto = crypto;
  }

  /** The hash of the last whole line. */
  get head(): string {
    return this.#next?.prev ?? workerAuditStart;
  }

  /** Takes the next line, without its newline. */
  async add(bytes: Uint8Array, at: AuditPlace): Promise<ChainedLine> {
    const read = readWorkerAuditLine(bytes);
    if (!read.ok) {
      this.#torn =
        this.#torn === null
          ? { bytes, at, reason: `it was changed: ${read.reason}` }
          : { ...this.#torn, bytes: concatBytes(this.#torn.bytes, newline, bytes) };
      return { ok: true, entry: null };
    }
    const entry = read.value;
    const left = this.#torn;
    if (left !== null && !(await this.#names(entry, left.bytes)))
      return { ok: false, at: left.at, reason: left.reason };
    const reason = this.#misplaced(entry, left !== null) ?? (await this.#forged(entry));
    if (reason !== null) return { ok: false, at, reason };
    this.#torn = null;
    this.#signed ||= entry.signature !== null;
    const sha256 = (message: Uint8Array) => this.#crypto.sha256(message);
    this.#next = { seq: entry.seq + 1, prev: await workerAuditHashAsync(bytes, sha256) };
    return { ok: true, entry };
  }

  /** After the last line: how many bytes a killed process left there. With a newline behind them (`closed`) no kill did that. */
  end(closed: boolean): { readonly ok: true; readonly tornBytes: number } | Extract<ChainedLine, { ok: false }> {
    const left = this.#torn;
    if (left === null) return { ok: true, tornBytes: 0 };
    return closed ? { ok: false, at: left.at, reason: left.reason } : { ok: true, tornBytes: left.bytes.length };
  }

  async #names({ note, torn }: WorkerAuditEntry, bytes: Uint8Array): Promise<boolean> {
    if (note !== 'opened' || torn === null || torn.closed || torn.bytes !== bytes.length) return false;
    return torn.sha256 === digestText(await this.#crypto.sha256(bytes));
  }

  #misplaced({ seq, prev, torn }: WorkerAuditEntry, afterTorn: boolean): string | null {
    if (torn !== null && !afterTorn) return 'the torn line that it names is not there';
    if (seq === 0 && prev !== workerAuditStart) return 'it is the first entry and follows another';
    // The oldest files may be gone: the first line that is there may have any number.
    if (this.#next === null) return null;
    if (seq !== this.#next.seq) return `expected entry ${this.#next.seq}, found ${seq}`;
    return prev === this.#next.prev ? null : 'it does not follow the line before it';
  }

  async #forged({ public_key: publicKey, signature, ...body }: WorkerAuditEntry): Promise<string | null> {
    if (publicKey === null && signature === null)
      return this.#signed ? 'it is not signed, and an entry before it is' : null;
    const key = publicKey === null ? null : fromBase64(publicKey);
    const signed = signature === null ? null : fromBase64(signature);
    if (publicKey === null || key === null || signed === null) return 'its key or signature is malformed';
    const good = await this.#crypto.verifyEd25519(key, workerAuditSigned(body, publicKey), signed);
    return good ? null : 'its signature does not verify';
  }
}
