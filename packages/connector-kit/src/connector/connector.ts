import {
  type EntityListing,
  type Json,
  type JsonObject,
  type PlannedContent,
  type Precondition,
  type ReconcileAnswer,
  replayActionOf,
} from '@countersign/protocol';
import type { z } from 'zod';
import type { Exec } from '../exec/exec.ts';
import type { Replayed, ReplaySubject } from '../replay/replay.ts';
import type { ActionDefinition } from './action.ts';

/** A step whose inputs were parsed by its action's schema. */
export interface ParsedStep {
  readonly index: number;
  readonly action: string;
  readonly inputs: JsonObject;
  /** Stable over retries of one run's step; a target that keeps keys can refuse a second effect by it. */
  readonly idempotencyKey: string;
}

/** What a connector may use while it works on one step or list. */
export interface WorkContext {
  /** Aborted on cancel, timeout, lost lease. */
  readonly signal: AbortSignal;
  /** Streams output (scrubbed and capped by the runner). Await it: it applies back-pressure. `false` means the cap is reached. */
  output(channel: 'stdout' | 'stderr' | 'note', text: string): Promise<boolean>;
  progress(message: string, fraction?: number): void;
  /** Largest output of the action in bytes. */
  readonly outputCapBytes: number;
}

/** One consistent look at the target: fingerprints for the plan, and the target's own compare-and-set token. */
export interface Observation {
  readonly identity: string;
  readonly preconditions: Precondition[];
  /** Passed to the first write. Any change after this observation must make that write fail, where the target can do that. */
  readonly guard: Json;
}

export interface Applied {
  /** What the target says it did: never secret. */
  readonly after: Json;
  /** Guard for the following step. */
  readonly guard: Json;
}

export interface ReadResult {
  readonly summary: JsonObject;
  readonly artifacts: { name: string; mediaType: string; content: Uint8Array; truncated: boolean }[];
}

/** One target, connected. Everything but `apply` leaves the target as it was; `verify` may finish a checkout or the like that a killed `apply` left half done. */
export interface ConnectedTarget {
  /** Whether the target answers now. Never throws. */
  readiness(signal: AbortSignal): Promise<{ status: 'ready' | 'degraded' | 'unavailable'; message: string }>;
  /** Plans the list as a whole. A problem of the request or the state is a failing check, not an exception. */
  plan(steps: readonly ParsedStep[], context: WorkContext): Promise<PlannedContent>;
  /** The same preconditions as `plan` (same order, same fingerprints on the same state), and the guard. */
  observe(steps: readonly ParsedStep[], context: WorkContext): Promise<Observation>;
  /** State before one step, kept with the intent; `reconcile` and rollback work from it. */
  before(step: ParsedStep, guard: Json, context: WorkContext): Promise<Json>;
  /** Has the effect, once. */
  apply(step: ParsedStep, before: Json, guard: Json, context: WorkContext): Promise<Applied>;
  /** Reads back; throws ConnectorError E_VERIFY if the target does not show the change. */
  verify(step: ParsedStep, before: Json, applied: Applied, context: WorkContext): Promise<Json>;
  /** Was the effect of this intent had? Called by whoever finds an intent without outcome. Never applies. */
  reconcile(
    step: ParsedStep,
    intent: { before: Json; guard: Json; recordedAt: number },
    context: WorkContext,
  ): Promise<{ answer: ReconcileAnswer; after: Json; guard: Json }>;
  /**
   * Does a recorded change again without touching the target: `exact` on a scratch copy at the state before, `simulated`
   * by computing it from the recorded observation. Throws ConnectorError, effect none, where it cannot (E_TARGET_MISSING:
   * what it needs is gone). Only called where every step declares exact or simulated.
   */
  replay(subject: ReplaySubject, context: WorkContext): Promise<Replayed>;
  /** Performs a read action. */
  read(step: ParsedStep, context: WorkContext): Promise<ReadResult>;
  close(): Promise<void>;
}

/** Ports a connector reaches the world through. */
export interface ConnectorPorts {
  readonly exec: Exec;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** One kind of system. `config` parses a target's settings from `countersign.yaml`. */
export interface Connector<Config = unknown> {
  readonly name: string;
  readonly version: string;
  readonly config: z.ZodType<Config>;
  readonly actions: readonly ActionDefinition[];
  /** How the things that the actions name are listed, each by one of its read actions. */
  readonly inventory?: readonly EntityListing[];
  connect(config: Config, ports: ConnectorPorts): ConnectedTarget;
}

/** A connector whose target settings are still unparsed, as the runner holds it. */
export interface AnyConnector {
  readonly name: string;
  readonly version: string;
  readonly config: z.ZodType;
  readonly actions: readonly ActionDefinition[];
  readonly inventory?: readonly EntityListing[];
  /** Parses `config` (a z.ZodError names the field) and connects. */
  connect(config: unknown, ports: ConnectorPorts): ConnectedTarget;
}

/** Declares a connector; settings are parsed before `connect` sees them. */
export function defineConnector<Config>(connector: Connector<Config>): AnyConnector {
  for (const action of connector.actions) {
    if (!action.name.startsWith(`${connector.name}.`)) {
      throw new Error(`action ${action.name} does not belong to connector ${connector.name}`);
    }
    if (action.name === replayActionOf(connector.name)) throw new Error(`${action.name} is kept for replays`);
  }
  for (const { name, compensation } of connector.actions) {
    if (compensation === undefined) continue;
    const known = connector.actions.find((action) => action.name === compensation.action);
    if (known === undefined || known.effect === 'read' || known.compensation !== undefined) {
      throw new Error(
        `${compensation.action}, which compensates ${name}, is no last change of connector ${connector.name}`,
      );
    }
  }
  for (const { entity, action } of connector.inventory ?? []) {
    if (!connector.actions.some((known) => known.name === action && known.effect === 'read')) {
      throw new Error(`${action}, which lists ${entity}, is no read action of connector ${connector.name}`);
    }
  }
  return { ...connector, connect: (config, ports) => connector.connect(connector.config.parse(config), ports) };
}
