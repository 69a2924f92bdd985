import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** Where things lie in a backup's folder. */
export const backupPaths = {
  manifest: 'backup.json',
  /** DSSE over the manifest's bytes, by the installation's own key. */
  signature: 'backup.dsse.json',
  table: (index: number, name: string): string => `tables/${String(index).padStart(2, '0')}-${name}.jsonl.gz`,
  artifact: (sha256: string): string => `artifacts/${sha256.slice(0, 2)}/${sha256}`,
  key: (file: string): string => `keys/${file}`,
  configuration: 'countersign.yaml',
} as const;

/** Payload type of the signature over `backup.json`. */
export const backupPayloadType = 'application/vnd.countersign.backup+json';

/** Digest and size of a file, read as a stream. */
export async function digestOfFile(path: string): Promise<{ sha256: string; sizeBytes: number }> {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  for await (const chunk of createReadStream(path)) {
    hash.update(chunk);
    sizeBytes += chunk.length;
  }
  return { sha256: `sha256:${hash.digest('hex')}`, sizeBytes };
}
