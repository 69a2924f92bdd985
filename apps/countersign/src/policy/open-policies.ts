import type { Decider, Policies, PolicyFault, PolicyReload } from '@countersign/kernel';
import {
  decide,
  explainVerdict,
  loadPolicySet,
  type PolicyFile,
  type PolicyLoadOutcome,
  type PolicyProblem,
  type PolicySet,
  policySetVersion,
  questionOf,
  releasePolicySet,
} from '@countersign/policy';
import { CodedError } from '@countersign/protocol';
import { type PolicySource, policyFiles } from './policy-files.ts';

/** Policies that decide, may be read again, and are parsed when they are first asked, or by `warm`. */
export interface OpenedPolicies {
  readonly decider: Decider;
  readonly policies: Policies;
  /** Parses the policies; throws E_CONFIG with file, policy and line. */
  warm(): void;
}

/** A problem as it leaves the server. */
export function faultOf({ file, policyId: policy, line, problem, expected }: PolicyProblem): PolicyFault {
  return { file, policy, line, problem, expected };
}

/** The files as they are, or why they cannot be read. */
type Found = { readonly files: readonly PolicyFile[] } | { readonly unreadable: PolicyFault };

function find(source: PolicySource): Found {
  try {
    return { files: policyFiles(source) };
  } catch (error) {
    const problem = error instanceof Error ? error.message : 'cannot be read';
    const expected = 'a folder of .cedar files that this server may read';
    return { unreadable: { file: source.folder ?? '(policies)', policy: null, line: null, problem, expected } };
  }
}

/** The version of a set of files, or why there is none. */
function keyOf(found: Found): string {
  return 'unreadable' in found ? found.unreadable.problem : policySetVersion(found.files.map(({ text }) => text));
}

function refusal(outcome: PolicyLoadOutcome & { readonly ok: false }): CodedError {
  return new CodedError('E_CONFIG', outcome.message, {
    problems: outcome.problems.map(({ file, policyId, line, problem, expected }) => {
      return { file, policy: policyId, line, problem, expected };
    }),
    next: 'mend the policies (see `countersign policy check`); nothing starts without them',
  });
}

class FilePolicies implements OpenedPolicies, Policies, Decider {
  readonly #source: PolicySource;
  #files: readonly PolicyFile[];
  #version: string;
  #set: PolicySet | null = null;
  #refused: { readonly key: string; readonly faults: readonly PolicyFault[] } | null = null;

  constructor(source: PolicySource) {
    this.#source = source;
    this.#files = policyFiles(source);
    this.#version = policySetVersion(this.#files.map(({ text }) => text));
    // Parsing takes a third of a start, so a server listens first. Files of an operator's own may be wrong: they are parsed now.
    if (source.folder !== null || source.allowActions !== null) this.warm();
  }

  get decider(): Decider {
    return this;
  }
  get policies(): Policies {
    return this;
  }
  get profile(): Decider['profile'] {
    return this.#source.profile;
  }
  get version(): string {
    return this.#version;
  }

  warm(): void {
    this.#current();
  }

  decide(question: Parameters<Decider['decide']>[0]): ReturnType<Decider['decide']> {
    return decide(this.#current(), questionOf(question));
  }

  look(): string {
    return keyOf(find(this.#source));
  }

  reload(only?: string): PolicyReload {
    const found = find(this.#source);
    const version = keyOf(found);
    if (only !== undefined && only !== version) return { kind: 'same' };
    if ('unreadable' in found) return this.#refuse(version, [found.unreadable]);
    if (version === this.#version) {
      this.#refused = null;
      return { kind: 'same' };
    }
    if (version === this.#refused?.key) return { kind: 'same' };
    const outcome = loadPolicySet(found.files, this.profile);
    if (!outcome.ok) return this.#refuse(version, outcome.problems.map(faultOf));
    const from = this.#version;
    if (this.#set !== null) releasePolicySet(this.#set);
    this.#files = found.files;
    this.#version = version;
    this.#set = outcome.value;
    this.#refused = null;
    return { kind: 'changed', from, to: version };
  }

  faults(): readonly PolicyFault[] {
    return this.#refused?.faults ?? [];
  }

  list(): ReturnType<Policies['list']> {
    return [...this.#current().policies.values()].map(({ id, effect, file, line, text }) => {
      return { id, effect, file, line, text };
    });
  }

  explain(verdict: Parameters<Policies['explain']>[0]): string {
    return explainVerdict(verdict);
  }

  #refuse(key: string, faults: readonly PolicyFault[]): PolicyReload {
    if (key === this.#refused?.key) return { kind: 'same' };
    this.#refused = { key, faults };
    return { kind: 'refused', faults };
  }

  #current(): PolicySet {
    if (this.#set !== null) return this.#set;
    const shippedAlone = this.#source.folder === null && this.#source.allowActions === null;
    const outcome = loadPolicySet(this.#files, this.profile, { validated: shippedAlone });
    if (!outcome.ok) throw refusal(outcome);
    this.#set = outcome.value;
    return outcome.value;
  }
}

/**
 * Opens the policies of a configuration. Those that are shipped alone are parsed when first asked; until then nothing is
 * decided. Throws E_CONFIG with file, policy and line for an operator's own that are not valid.
 */
export function openPolicies(source: PolicySource): OpenedPolicies {
  return new FilePolicies(source);
}
