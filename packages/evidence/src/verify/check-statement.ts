import { BundleManifest, BundleStatement, DsseEnvelope, type TrustRoot } from '@countersign/protocol';
import type { BundleFiles } from '../bundle/bundle-input.ts';
import { bundlePaths, comparePaths } from '../bundle/bundle-paths.ts';
import { statementPayloadType } from '../bundle/seal-bundle.ts';
import { parseCanonical } from '../canonical/parse-canonical.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';
import { fileDigestAsync } from '../digest/digest.ts';
import { verifyEnvelope } from '../dsse/envelope.ts';
import { keysFor } from '../trust/key-window.ts';
import type { FindingList } from './finding-list.ts';

/** The signed statement, if its signature and form hold, and the keys that signed it. */
export interface SignedStatement {
  readonly statement: BundleStatement | null;
  readonly keyids: readonly string[];
}

const unsigned: SignedStatement = { statement: null, keyids: [] };

/** Checks who signed the bundle, and what. */
export async function checkStatement(
  files: BundleFiles,
  trust: TrustRoot,
  crypto: VerifyCrypto,
  findings: FindingList,
): Promise<SignedStatement> {
  const file = bundlePaths.statement;
  const bytes = files.get(file);
  if (bytes === undefined) {
    findings.add('statement.signature', 'fail', file, 'The file is missing: nobody vouches for this bundle.');
    return unsigned;
  }
  const envelope = parseCanonical(bytes, DsseEnvelope);
  const keys = keysFor(trust, 'evidence');
  const opened = envelope.ok ? await verifyEnvelope(envelope.value, statementPayloadType, keys, crypto) : envelope;
  if (!opened.ok) {
    findings.add('statement.signature', 'fail', file, opened.reason);
    return unsigned;
  }
  findings.add('statement.signature', 'pass', file, `Signed by ${opened.value.keyids.join(', ')}.`);
  const statement = parseCanonical(opened.value.payload, BundleStatement);
  if (!statement.ok) {
    findings.add('statement.content', 'fail', file, statement.reason);
    return { statement: null, keyids: opened.value.keyids };
  }
  findings.add('statement.content', 'pass', file, '');
  return { statement: statement.value, keyids: opened.value.keyids };
}

/** The manifest, if it has its form; and whether the signed statement vouches for it. */
export async function checkManifest(
  files: BundleFiles,
  statement: BundleStatement | null,
  trust: TrustRoot,
  crypto: VerifyCrypto,
  findings: FindingList,
): Promise<BundleManifest | null> {
  const file = bundlePaths.manifest;
  const bytes = files.get(file);
  if (bytes === undefined) {
    findings.add('manifest.form', 'fail', file, 'The file is missing.');
    return null;
  }
  if (statement !== null) {
    const digest = await fileDigestAsync(bytes, crypto.sha256);
    const [subject] = statement.subject;
    const same = subject?.name === file && `sha256:${subject.digest.sha256}` === digest;
    findings.judge('statement.subject', file, same ? [] : ['Not the file whose hash was signed.']);
  }
  const manifest = parseCanonical(bytes, BundleManifest);
  if (!manifest.ok) {
    findings.add('manifest.form', 'fail', file, manifest.reason);
    return null;
  }
  const paths = manifest.value.files.map(({ path }) => path);
  const problems: string[] = [];
  if (paths.some((path, index) => comparePaths(paths[index - 1] ?? '', path) >= 0)) {
    problems.push('The files are not sorted by path, each once.');
  }
  if (manifest.value.installation !== trust.installation) {
    problems.push(`It is of installation ${manifest.value.installation}, not ${trust.installation}.`);
  }
  findings.judge('manifest.form', file, problems);
  return manifest.value;
}
