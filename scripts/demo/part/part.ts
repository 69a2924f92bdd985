import type { Cleanup } from '../stage/cleanup.ts';
import type { Stage } from '../stage/stage.ts';

/** Where parts set up what they show. */
export interface Ground {
  /** Part of the name of everything that is made. */
  readonly id: string;
  readonly folder: string;
  readonly cleanup: Cleanup;
  readonly signal: AbortSignal;
}

/** A target as the worker's own file names it. */
export interface PartTarget {
  readonly name: string;
  readonly environment: 'dev' | 'stage' | 'prod';
  readonly connector: string;
  readonly config: Readonly<Record<string, unknown>>;
}

/** What is missing, and the command that brings it. */
export interface Missing {
  readonly missing: string;
  readonly next: string;
}

/** What a part shows with, and how. */
export interface Ready {
  readonly targets: readonly PartTarget[];
  /** What was found or started, in a few words. */
  readonly found: string;
  /** Shows it; answers the changes that it made. */
  play(stage: Stage): Promise<readonly ProvenOperation[]>;
}

/** A change whose evidence is to be proven. */
export interface ProvenOperation {
  readonly part: string;
  readonly what: string;
  readonly opId: string;
}
