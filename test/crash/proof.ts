import type { Client } from '@countersign/client';
import { equalBytes, leafHash, merkleRoot, utf8, verifyBundle, verifyCheckpoint } from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import { AuditBody, type OperationView, type TrustRoot } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { expect } from 'vitest';

/** The whole audit log, after its root was computed again and compared with the signed checkpoint. */
export async function verifiedAudit(client: Client, trust: TrustRoot): Promise<AuditBody[]> {
  const checkpoint = await verifyCheckpoint((await client.call('checkpoint')).note, trust, nodeVerifyCrypto);
  if (!checkpoint.ok) throw new Error(`the checkpoint does not verify: ${checkpoint.reason}`);
  const texts: string[] = [];
  for (;;) {
    const { leaves, tree_size: size } = await client.call('auditLeaves', {
      query: { from: texts.length, limit: 5000 },
    });
    for (const leaf of leaves) {
      expect(leaf.leaf_index).toBe(texts.length);
      texts.push(leaf.text);
    }
    if (leaves.length === 0) {
      expect(texts.length).toBe(size);
      break;
    }
  }
  const { size, root } = checkpoint.value;
  expect(size).toBeLessThanOrEqual(texts.length);
  const hashes = texts.slice(0, size).map((text) => leafHash(utf8(text), nodeSha256));
  expect(equalBytes(merkleRoot(hashes, nodeSha256), root), 'the entries give the signed root').toBe(true);
  return texts.map((text) => AuditBody.parse(JSON.parse(text)));
}

/** Every bundle becomes anchored and verifies offline, with no finding but passes. */
export async function judgeEvidence(client: Client, ran: readonly OperationView[], trust: TrustRoot): Promise<void> {
  for (const { bundle_id } of ran) {
    const bundle = await waitUntil(`bundle ${bundle_id} is anchored`, async () => {
      const view = await client.call('evidence', { params: { bundle_id } });
      return view.state === 'anchored' && view;
    });
    const files = new Map(bundle.files.map(({ path, content_base64: text }) => [path, Buffer.from(text, 'base64')]));
    const report = await verifyBundle(files, trust, nodeVerifyCrypto);
    expect(report.findings.filter(({ state }) => state !== 'pass')).toEqual([]);
    expect(report.state).toBe('pass');
  }
}
