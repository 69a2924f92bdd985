import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Checked, equalBytes, fromUtf8, verifyEnvelope } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import { BackupManifest, CodedError, DsseEnvelope, readJson, type TrustRoot } from '@countersign/protocol';
import { backupPaths, backupPayloadType } from './backup-paths.ts';

/** A manifest as it stands in its folder. */
export interface ReadManifest {
  readonly manifest: BackupManifest;
  readonly bytes: Uint8Array;
}

function refused(folder: string, why: string, cause?: unknown): CodedError {
  return new CodedError(
    'E_VALIDATION',
    `${folder}: ${why}`,
    { field: 'backup', next: 'use another backup' },
    { cause },
  );
}

async function readPart(folder: string, path: string): Promise<Buffer> {
  try {
    return await readFile(join(folder, path));
  } catch (cause) {
    throw refused(folder, `has no ${path}, so it is no whole backup`, cause);
  }
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return readJson(fromUtf8(bytes) ?? '');
  } catch {
    return null;
  }
}

/** Reads `backup.json`. Throws E_VALIDATION when the folder is no whole backup. */
export async function readManifest(folder: string): Promise<ReadManifest> {
  const bytes = new Uint8Array(await readPart(folder, backupPaths.manifest));
  const manifest = BackupManifest.safeParse(parseJson(bytes));
  if (!manifest.success) throw refused(folder, 'backup.json is not one', manifest.error);
  return { manifest: manifest.data, bytes };
}

/** Checks that one of the trusted keys signed the manifest as it stands. Throws E_VALIDATION when none did. */
export async function requireSignature(folder: string, read: ReadManifest, trust: TrustRoot): Promise<void> {
  const envelope = DsseEnvelope.safeParse(parseJson(await readPart(folder, backupPaths.signature)));
  if (!envelope.success) throw refused(folder, `${backupPaths.signature} is no envelope`, envelope.error);
  const signed: Checked<{ payload: Uint8Array }> = await verifyEnvelope(
    envelope.data,
    backupPayloadType,
    trust,
    nodeVerifyCrypto,
  );
  if (!signed.ok) throw refused(folder, `its signature does not hold: ${signed.reason}`);
  if (!equalBytes(signed.value.payload, read.bytes)) throw refused(folder, 'backup.json is not what was signed');
}
