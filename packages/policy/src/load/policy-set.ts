import type { EntityJson } from '@cedar-policy/cedar-wasm/nodejs';
import type { Obligation, Verdict } from '@countersign/protocol';

/** One text of a policy set: `.cedar` for policies, `.cedarschema` for their one schema. `name` is used in problems only. */
export interface PolicyFile {
  readonly name: string;
  readonly text: string;
}

/** How approvals are counted: `standard` wants other people, `solo` lets the requester's own count. */
export type PolicyProfile = Verdict['profile'];

/** One policy that was loaded. `text` is its exact source, `line` its first line in `file`, counted from 1. */
export interface LoadedPolicy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly text: string;
  readonly obligation: Obligation | null;
  readonly file: string;
  readonly line: number;
}

/** What one of Cedar's actions is decided with. */
export interface PolicySlice {
  /** What Cedar keeps these policies under; no two loads share one, so that one may be let go of while its equal decides. */
  readonly handle: string;
  /** Every word that stands in the conditions of some policy: what none of them names need not be told. */
  readonly words: ReadonlySet<string>;
  /** The action with the groups it is in, where some condition asks about it; null otherwise. */
  readonly actionEntity: EntityJson | null;
}

/** Policies that were checked and are ready to decide. `version` is `sha256:` over the sorted texts, schema included. */
export interface PolicySet {
  readonly version: string;
  /** By the id of Cedar's action. */
  readonly slices: ReadonlyMap<string, PolicySlice>;
  /** The words that each enumerated entity of the schema may have, by the entity's type. */
  readonly enumerations: ReadonlyMap<string, ReadonlySet<string>>;
  readonly profile: PolicyProfile;
  readonly policies: ReadonlyMap<string, LoadedPolicy>;
}

/** What is wrong at one place, and what is expected there. `line` counts from 1; null where it is not known. */
export interface PolicyProblem {
  readonly file: string;
  readonly policyId: string | null;
  readonly line: number | null;
  readonly problem: string;
  readonly expected: string;
}

/** A set that was not loaded, with everything found wrong in it. */
export interface PolicyLoadRefusal {
  readonly ok: false;
  readonly code: 'E_CONFIG';
  readonly message: string;
  readonly problems: readonly PolicyProblem[];
}

/** The answer of a load: the whole set, or a refusal; never a part of a set. */
export type PolicyLoadOutcome = { readonly ok: true; readonly value: PolicySet } | PolicyLoadRefusal;
