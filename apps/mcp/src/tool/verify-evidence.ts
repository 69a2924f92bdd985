import { verifyBundle, verifyTrust } from '@countersign/evidence';
import { nodeVerifyCrypto } from '@countersign/evidence/node';
import { CodedError, type TrustRoot, VerifyFinding, VerifyState } from '@countersign/protocol';
import { z } from 'zod';
import { sealedBundle } from '../bridge/approved-content.ts';
import { BundleArgument, bundleFiles } from './get-evidence.ts';
import { dataFrom, defineTool } from './tool.ts';

async function whole(trust: TrustRoot): Promise<TrustRoot> {
  const checked = await verifyTrust(trust, nodeVerifyCrypto);
  if (checked.ok) return checked.value;
  throw new CodedError('E_VERIFY', `the installation's keys do not follow each other: ${checked.reason}`);
}

/** `verify_evidence`: the offline verifier over one bundle. Only the bytes are asked for; all else is computed here. */
export const verifyEvidence = defineTool({
  name: 'verify_evidence',
  title: 'Verify evidence',
  description:
    'Verifies a sealed bundle here, without trusting the server: hashes, signatures, approvals, plan digest and the place in the audit log. independent_keys says whether the keys were kept elsewhere or came along with the bundle.',
  input: z.strictObject({ bundle_id: BundleArgument }),
  output: z.strictObject({
    bundle_id: z.string(),
    state: VerifyState,
    findings: z.array(VerifyFinding),
    installation: z.string(),
    independent_keys: z.boolean(),
  }),
  annotations: { readOnlyHint: true },
  async run({ bundle_id: id }, bridge) {
    const evidence = await sealedBundle(bridge, id);
    const trust = await whole(bridge.trust ?? evidence.trust);
    const { state, findings } = await verifyBundle(bundleFiles(evidence), trust, nodeVerifyCrypto, null);
    const { installation } = trust;
    const content = { bundle_id: id, state, findings, installation, independent_keys: bridge.trust !== null };
    return dataFrom(`what verifying evidence ${id} found`, content);
  },
});
