import type { Client } from '@countersign/client';
import { fromBase64, verifyBundle } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import type { TrustRoot, VerifyReport } from '@countersign/protocol';

/** A bundle's files by path, as they come over HTTP, and the keys that verify them. */
export async function fetchBundle(
  client: Client,
  bundleId: string,
): Promise<{ files: Map<string, Uint8Array>; trust: TrustRoot; folder: string }> {
  const { files, trust, folder } = await client.call('evidence', { params: { bundle_id: bundleId } });
  const entries = files.map(({ path, content_base64: text }): [string, Uint8Array] => {
    const content = fromBase64(text);
    if (content === null) throw new Error(`${path} is no base64`);
    return [path, content];
  });
  return { files: new Map(entries), trust, folder: folder ?? '' };
}

/** The report on a bundle as it comes over HTTP. */
export async function verified(client: Client, bundleId: string): Promise<VerifyReport> {
  const { files, trust } = await fetchBundle(client, bundleId);
  return await verifyBundle(files, trust, nodeVerifyCrypto);
}
