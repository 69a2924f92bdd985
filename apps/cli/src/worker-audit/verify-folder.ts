import { digestText, fromBase64, WorkerAuditChain, workerAuditLines } from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError, type WorkerAuditEntry } from '@countersign/protocol';
import { type AuditFolder, auditBytes } from './audit-place.ts';

/** What an audit that holds says of itself. */
export interface VerifiedAudit {
  readonly worker: string | null;
  readonly entries: number;
  /** The number of the first entry that is there, and when it was written; the oldest files may be gone. */
  readonly first_seq: number | null;
  readonly first_at: number | null;
  readonly last_at: number | null;
  /** Hash of the last line. */
  readonly head: string;
  /** Ids of the keys that signed entries. */
  readonly keyids: readonly string[];
  readonly unsigned: number;
  /** Lines that a killed process had not written whole and the next one named. */
  readonly torn: number;
  /** Bytes behind the last whole line, which nobody named yet. */
  readonly torn_bytes: number;
}

function keyidOf(publicKey: string): string {
  return digestText(nodeSha256(fromBase64(publicKey) ?? new Uint8Array()));
}

/** Checks every line; `each` is told of every entry. Throws E_VERIFY with file and line where the chain breaks. */
export async function verifyAuditFolder(
  folder: AuditFolder,
  each: (entry: WorkerAuditEntry) => void = () => undefined,
): Promise<VerifiedAudit> {
  const chain = new WorkerAuditChain(nodeVerifyCrypto);
  const keyids = new Set<string>();
  let [entries, unsigned, torn] = [0, 0, 0];
  let first: WorkerAuditEntry | null = null;
  let last: WorkerAuditEntry | null = null;
  let closed = true;
  for await (const { file, bytes } of auditBytes(folder)) {
    closed = bytes.at(-1) === 0x0a;
    for (const [index, line] of workerAuditLines(bytes).entries()) {
      const answer = await chain.add(line, { file, line: index + 1 });
      if (!answer.ok) throw broken(folder, answer.at, answer.reason);
      const { entry } = answer;
      if (entry === null) continue;
      entries += 1;
      if (entry.public_key === null) unsigned += 1;
      else keyids.add(keyidOf(entry.public_key));
      if (entry.torn !== null) torn += 1;
      first ??= entry;
      last = entry;
      each(entry);
    }
  }
  const end = chain.end(closed);
  if (!end.ok) throw broken(folder, end.at, end.reason);
  return {
    worker: last?.worker ?? null,
    entries,
    first_seq: first?.seq ?? null,
    first_at: first?.at ?? null,
    last_at: last?.at ?? null,
    head: chain.head,
    keyids: [...keyids],
    unsigned,
    torn,
    torn_bytes: end.tornBytes,
  };
}

function broken({ path }: AuditFolder, at: { file: string; line: number }, reason: string): CodedError {
  return new CodedError('E_VERIFY', `${path}/${at.file}, line ${at.line}: ${reason}`, { file: at.file, line: at.line });
}
