import type { Bench } from './bench/bench.ts';
import type { ConformanceTarget, FailureCase, ReadCase, WriteCase } from './harness.ts';

/** One rule of the contract. `examine` answers what is wrong; an empty list is a pass. */
export interface Rule<Subject> {
  readonly id: string;
  readonly title: string;
  examine<Target extends ConformanceTarget>(bench: Bench<Target>, subject: Subject): Promise<string[]>;
}

/** A rule over one list of writing steps. */
export interface WriteRule {
  readonly id: string;
  readonly title: string;
  examine<Target extends ConformanceTarget>(bench: Bench<Target>, subject: WriteCase<Target>): Promise<string[]>;
}

/** A rule over one situation that must fail. */
export interface FailureRule {
  readonly id: string;
  readonly title: string;
  examine<Target extends ConformanceTarget>(bench: Bench<Target>, subject: FailureCase<Target>): Promise<string[]>;
}

export type ReadRule = Rule<ReadCase>;
export type ConnectorRule = Rule<undefined>;
