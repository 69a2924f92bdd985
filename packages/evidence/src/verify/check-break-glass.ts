import {
  type BreakGlassStatement,
  type BundleManifest,
  type BundleRun,
  type BundleValidation,
  breakGlassTimeProblem,
  type TrustRoot,
} from '@countersign/protocol';
import { verifyBreakGlass } from '../approval/sign-break-glass.ts';
import { canonicalJson } from '../canonical/canonical.ts';
import type { VerifyCrypto } from '../crypto/ports.ts';

/** Broken glass of a bundle: the word, if it holds in every respect, and what is wrong with it. */
export interface CheckedBreakGlass {
  readonly word: BreakGlassStatement | null;
  readonly problems: readonly string[];
}

function bindingProblems(word: BreakGlassStatement, manifest: BundleManifest): string[] {
  const problems: string[] = [];
  if (word.op_id !== manifest.op_id) problems.push(`The glass was broken for operation ${word.op_id}.`);
  if (word.bundle_id !== manifest.bundle_id) problems.push(`The glass was broken for bundle ${word.bundle_id}.`);
  if (word.plan_digest !== manifest.plan_digest) problems.push(`The glass was broken for plan ${word.plan_digest}.`);
  return problems;
}

function timeProblems(
  word: BreakGlassStatement,
  { created_at: createdAt, started_at: startedAt }: BundleRun,
): string[] {
  const problems: string[] = [];
  if (createdAt < word.issued_at) problems.push('The glass was broken after the run was created.');
  if (word.expires_at <= createdAt) problems.push('The word had expired when the run was created.');
  if (startedAt !== null && word.expires_at <= startedAt) problems.push('The word had expired when the run began.');
  return problems;
}

/** Checks the word that broke the glass, if there is one: signature, binding, step-up and time. */
export async function checkBreakGlass(
  { break_glass: broken }: BundleValidation,
  { manifest, run }: { readonly manifest: BundleManifest | null; readonly run: BundleRun | null },
  trust: TrustRoot,
  crypto: VerifyCrypto,
): Promise<CheckedBreakGlass> {
  if (broken === undefined) return { word: null, problems: [] };
  const { statement: word, envelope } = broken;
  const problems: string[] = [];
  const signed = await verifyBreakGlass(envelope, trust, crypto);
  if (!signed.ok) problems.push(`The word that broke the glass does not hold: ${signed.reason}.`);
  else if (canonicalJson(signed.value) !== canonicalJson(word)) problems.push('The signed word is another one.');
  const time = breakGlassTimeProblem(word);
  if (time !== null) problems.push(time);
  if (manifest !== null) problems.push(...bindingProblems(word, manifest));
  if (run !== null) problems.push(...timeProblems(word, run));
  return { word: problems.length === 0 ? word : null, problems };
}
