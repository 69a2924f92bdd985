import type { Verdict } from '@countersign/protocol';

/** What is wrong at one place of a policy file, and what is expected there. */
export interface PolicyFault {
  readonly file: string;
  readonly policy: string | null;
  readonly line: number | null;
  readonly problem: string;
  readonly expected: string;
}

/** What became of reading the policy files again. A set that is refused changes nothing: the old one goes on deciding. */
export type PolicyReload =
  | { readonly kind: 'same' }
  | { readonly kind: 'changed'; readonly from: string; readonly to: string }
  | { readonly kind: 'refused'; readonly faults: readonly PolicyFault[] };

/** One loaded policy, as its file says it. */
export interface ListedPolicy {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** The policy files behind a decider. */
export interface Policies {
  /** Reads the files and answers a key: the same for the same texts, valid or not. Takes nothing over. */
  look(): string;
  /**
   * Reads the files; answers `same` where they are those of the last time, also if they were refused then. With a key of `look`
   * nothing but the files of that key is taken over: others are still being written.
   */
  reload(only?: string): PolicyReload;
  /** What is wrong with the files as they are now; empty while they are those that decide. */
  faults(): readonly PolicyFault[];
  list(): readonly ListedPolicy[];
  /** A verdict in plain sentences, with each policy's reason. */
  explain(verdict: Verdict): string;
}
