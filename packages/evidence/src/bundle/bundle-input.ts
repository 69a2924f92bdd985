import type {
  ApprovalStatement,
  BundleRun,
  BundleValidation,
  DsseEnvelope,
  Obligation,
  PlanBody,
  Verdict,
} from '@countersign/protocol';

/** One recorded decision: the statement and the envelope it was signed in. */
export interface SignedApproval {
  readonly statement: ApprovalStatement;
  readonly envelope: DsseEnvelope;
}

/** All that a bundle is made of. The same input gives the same bytes; the order of approvals does not matter. */
export interface BundleInput {
  readonly bundleId: string;
  readonly opId: string;
  readonly installation: string;
  /** The plan that ran, without its volatile observations. */
  readonly plan: PlanBody;
  /** Policy's answer that the run started under. */
  readonly verdict: Verdict;
  /** Other verdicts whose digest an approval carries: an approval can be older than the policy set at run start. */
  readonly signedVerdicts: readonly Verdict[];
  readonly approvals: readonly SignedApproval[];
  /** Who ran it past freeze, window and others' approval, and why, as they signed it; null where nobody did. */
  readonly breakGlass: NonNullable<BundleValidation['break_glass']> | null;
  /** What policy demanded at run start before any decision was counted; null where that was not kept. */
  readonly demanded: readonly Obligation[] | null;
  /** The ended run. */
  readonly run: BundleRun;
  /** The run's whole output as text, scrubbed of secrets. A lone surrogate becomes U+FFFD. */
  readonly log: string;
}

/** A bundle's files by path. */
export type BundleFiles = ReadonlyMap<string, Uint8Array>;
