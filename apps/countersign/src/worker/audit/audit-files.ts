import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { type Signer, workerAuditHash, workerAuditLine } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import { CodedError, type WorkerAuditFact } from '@countersign/protocol';
import type { WorkAudit } from '@countersign/runner';
import { syncFolder } from '../../keys/write-durably.ts';
import { type AuditEnd, auditFile, findAuditEnd } from './audit-end.ts';
import { type AuditLimits, defaultLimits, makeRoom } from './audit-limits.ts';
import { takeAuditLock } from './audit-lock.ts';

/** Whose audit it is. */
export interface AuditOwner {
  readonly worker: string;
  /** One process life. */
  readonly instance: string;
  /** Null for a worker without a key of its own. */
  readonly signer: Signer | null;
  /** Epoch ms. */
  now(): number;
}

const opened: WorkerAuditFact = {
  note: 'opened',
  job: null,
  step: null,
  outcome: null,
  code: null,
  message: null,
};
const newline = Buffer.from('\n');

type Left = Pick<AuditEnd, 'torn' | 'unclosed'>;
const nothingLeft: Left = { torn: null, unclosed: false };

interface Waiting {
  readonly fact: WorkerAuditFact;
  readonly written: PromiseWithResolvers<void>;
}

function unsigned(folder: string): CodedError {
  return new CodedError('E_STORE', `${folder} is signed by this worker's key, and a process with a token has none`, {
    next: 'start the worker without a token, so that it uses its key, or give it another --name',
  });
}

/** The open file, and what the next entry follows. */
interface Head {
  readonly file: FileHandle;
  sizeBytes: number;
  seq: number;
  prev: string;
}

/**
 * A worker's own audit: append-only files of chained, signed lines in one folder, for their owner alone. Entries that come while
 * others are being written go to the disk together.
 */
export class AuditFiles implements WorkAudit {
  readonly #folder: string;
  readonly #owner: AuditOwner;
  readonly #limits: AuditLimits;
  readonly #release: () => void;
  #head: Head | null = null;
  #waiting: Waiting[] = [];
  #writing: Promise<void> | null = null;
  #closed = false;

  private constructor(folder: string, owner: AuditOwner, limits: AuditLimits, release: () => void) {
    this.#folder = folder;
    this.#owner = owner;
    this.#limits = limits;
    this.#release = release;
  }

  /** Opens the audit below `folder` and notes that it did. Throws E_STORE where it cannot be written or another process has it. */
  static async open(folder: string, owner: AuditOwner, limits: AuditLimits = defaultLimits): Promise<AuditFiles> {
    const own = join(folder, owner.worker);
    await mkdir(own, { recursive: true, mode: 0o700 });
    const audit = new AuditFiles(own, owner, limits, takeAuditLock(join(own, 'lock')));
    try {
      audit.#head = await audit.#openHead();
      return audit;
    } catch (error) {
      audit.#release();
      throw audit.#unwritable(error);
    }
  }

  record(fact: WorkerAuditFact): Promise<void> {
    const written = Promise.withResolvers<void>();
    this.#waiting.push({ fact, written });
    this.#writing ??= this.#writeAll();
    return written.promise;
  }

  /** Writes what waits, and lets another process have the files. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#writing;
    await this.#closeHead();
    this.#release();
  }

  async #closeHead(): Promise<void> {
    await this.#head?.file.close();
    this.#head = null;
  }

  async #writeAll(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      const error = await this.#write(batch.map(({ fact }) => fact));
      for (const { written } of batch) {
        if (error === null) written.resolve();
        else written.reject(error);
      }
    }
    // In the same turn as the last look at what waits: whatever comes after it begins anew.
    this.#writing = null;
  }

  async #write(facts: readonly WorkerAuditFact[]): Promise<CodedError | null> {
    try {
      await this.#append(await this.#headForNext(), facts);
      return null;
    } catch (error) {
      // What of it stands on the disk is found, and named, by whoever opens the file again.
      await this.#head?.file.close().catch(() => undefined);
      this.#head = null;
      return this.#unwritable(error);
    }
  }

  async #append(head: Head, facts: readonly WorkerAuditFact[], left: Left = nothingLeft): Promise<void> {
    const { worker, instance, signer, now } = this.#owner;
    let { seq, prev } = head;
    // What was left is closed and named in one write: closed by a process that ends here, it would look changed.
    const bytes: Uint8Array[] = left.unclosed ? [newline] : [];
    for (const fact of facts) {
      const schema = 'countersign.worker-audit.v1';
      const line = workerAuditLine(
        { schema, seq, prev, at: now(), worker, instance, torn: left.torn, ...fact },
        signer,
      );
      bytes.push(line, newline);
      seq += 1;
      prev = workerAuditHash(line, nodeSha256);
    }
    const text = Buffer.concat(bytes);
    await head.file.appendFile(text);
    await head.file.datasync();
    Object.assign(head, { seq, prev, sizeBytes: head.sizeBytes + text.length });
  }

  async #headForNext(): Promise<Head> {
    if (this.#closed && this.#head === null) throw new Error('it is closed');
    // Another process wrote it: one in another container takes this one for gone.
    if (this.#head !== null && (await this.#head.file.stat()).size !== this.#head.sizeBytes) await this.#closeHead();
    this.#head ??= await this.#openHead();
    if (this.#head.sizeBytes < this.#limits.fileBytes) return this.#head;
    const { seq, prev } = this.#head;
    await this.#head.file.close();
    await makeRoom(this.#folder, this.#limits);
    this.#head = { file: await this.#openFile(auditFile(seq)), sizeBytes: 0, seq, prev };
    return this.#head;
  }

  async #openHead(): Promise<Head> {
    const end = await findAuditEnd(this.#folder);
    if (end.signed && this.#owner.signer === null) throw unsigned(this.#folder);
    const file = await this.#openFile(end.file ?? auditFile(0));
    const head = { file, sizeBytes: end.sizeBytes, seq: end.seq, prev: end.prev };
    try {
      await this.#append(head, [opened], end);
      return head;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  async #openFile(name: string): Promise<FileHandle> {
    const file = await open(join(this.#folder, name), 'a', 0o600);
    syncFolder(this.#folder);
    return file;
  }

  #unwritable(error: unknown): CodedError {
    if (error instanceof CodedError) return error;
    const why = error instanceof Error ? error.message : String(error);
    const next = `make ${this.#folder} writable and let it have room; nothing is done on a target meanwhile`;
    return new CodedError('E_STORE', `the worker's own audit cannot be written: ${why}`, { next }, { cause: error });
  }
}
