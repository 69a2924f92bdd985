import type { Json, JsonObject, StepInput } from '@countersign/protocol';
import type { AnyConnector, ConnectorPorts } from '../connector/connector.ts';
import type { ConnectorErrorCode } from '../connector/connector-error.ts';

/** One real target in a known first state, made for one check and thrown away after it. */
export interface ConformanceTarget {
  /** Settings for `connector.connect`. */
  readonly config: unknown;
  readonly ports: ConnectorPorts;
  /** Everything of the target that could change, read past the connector: equal twice means untouched. */
  snapshot(): Promise<Json>;
  /** The state the actions are about (a tree, a container's run state), equal again after a rollback. */
  state(): Promise<Json>;
  /** Effects had since set-up, counted at the target itself. Waits until the target has settled. */
  effects(): Promise<number>;
  /** Makes the target unreachable until `heal`. */
  cutOff(): Promise<void>;
  /** Makes every answer of the target take a minute or more, until `heal`. */
  slowDown(): Promise<void>;
  /** Takes back `cutOff` and `slowDown`. */
  heal(): Promise<void>;
  tearDown(): Promise<void>;
}

/** A list of writing steps that must plan, apply, verify and, where its plan says so, roll back. */
export interface WriteCase<Target extends ConformanceTarget> {
  readonly name: string;
  readonly steps: readonly StepInput[];
  /** Effects of the whole list as the target counts them; default: one a step. */
  readonly effects?: number;
  /** Changes the target, past the connector, so that the plan must not run any more. */
  drift(target: Target): Promise<void>;
  /** Takes the effect of the applied list back, past the connector; `verify` must then fail. */
  undo?(target: Target): Promise<void>;
  /** True where the target cannot tell that an intent was never applied: `indeterminate` is then accepted. */
  readonly unappliedIsIndeterminate?: boolean;
  /** Values among the inputs that may not occur in any error. */
  readonly secrets?: readonly string[];
}

/** A reading step that must answer. */
export interface ReadCase {
  readonly name: string;
  readonly step: StepInput;
  /** A cap in bytes that the whole answer is larger than; the read is then made under it. */
  readonly exceedsBytes?: number;
  readonly secrets?: readonly string[];
}

/** A situation that must end in a ConnectorError of one of `codes`. */
export interface FailureCase<Target extends ConformanceTarget> {
  readonly name: string;
  readonly steps: readonly StepInput[];
  /** Which call fails. For `apply` the list is observed first, then `arrange` runs. */
  readonly during: 'plan' | 'observe' | 'apply' | 'read';
  arrange(target: Target): Promise<void>;
  readonly codes: readonly ConnectorErrorCode[];
  readonly secrets?: readonly string[];
}

/** What a connector brings to be examined. Every action needs at least one case. */
export interface ConformanceHarness<Target extends ConformanceTarget> {
  readonly connector: AnyConnector;
  setUp(): Promise<Target>;
  readonly writes: readonly WriteCase<Target>[];
  readonly reads: readonly ReadCase[];
  readonly failures: readonly FailureCase<Target>[];
  /** Inputs the schemas must refuse. */
  readonly refused: readonly { readonly action: string; readonly inputs: JsonObject }[];
  /** Whether checks may run beside each other, each on a target that is its own meanwhile; default: one after the other. */
  readonly concurrent?: boolean;
  /** How long any call may take before the suite calls it hung; default 30 s. */
  readonly boundMs?: number;
  /** How long a call may live on after its signal was aborted; default 5 s. */
  readonly cancelBoundMs?: number;
}
