import type { Sha256, VerifyCrypto } from '@countersign/evidence';
import type {
  ArtifactFiles,
  Clock,
  Decider,
  Ids,
  Planners,
  Policies,
  Providers,
  RateLimiter,
  Store,
} from '@countersign/kernel';
import type { TargetRef } from '@countersign/protocol';
import type { AuditCounts } from '../audit/audit-counts.ts';
import type { CheckpointSink } from '../audit/checkpoint-sink.ts';
import type { Backups } from '../backup/make-backup.ts';
import type { Catalogue } from '../catalogue/catalogue.ts';
import type { DispatchLogs } from '../dispatch/dispatch-log.ts';
import type { KeyRing } from '../key/key-ring.ts';
import type { WorkMeter } from '../meter/work-meter.ts';
import type { InventoryCache } from '../planner/inventory-cache.ts';
import type { ModelMeter } from '../provider/model-meter.ts';
import type { TokenBudget } from '../provider/token-budget.ts';
import type { Retention } from '../retention/retention.ts';
import type { Vault } from '../secret/vault.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { StreamTails } from '../stream/stream-tails.ts';
import type { TargetRegistry } from '../target/target-registry.ts';
import type { TokenUses } from '../token/token-uses.ts';
import type { WebhookEndpoint } from '../webhook/webhook-endpoint.ts';
import type { ChangeWindows } from '../window/change-windows.ts';
import type { CommitName } from './commit.ts';
import type { WakeUps } from './wake-ups.ts';

/** Fixed settings of one server process. Times in milliseconds. */
export interface EngineSettings {
  readonly installation: string;
  readonly version: string;
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  /** How long a worker may be silent before it no longer counts as serving. */
  readonly workerSilenceMs: number;
  readonly approvalTtlMs: number;
  /** Claims of one run before its outcome is handed to people. */
  readonly maxAttempts: number;
  readonly checkpointEveryMs: number;
  /** How long an agent may be silent before the run of its dispatch is in doubt. */
  readonly dispatchLeaseMs: number;
  /** How long ended runs and rejected drafts stand in lists. */
  readonly listedMs: number;
  /** How long a plan may wait before people are reminded, and how long before a decision lapses they are. */
  readonly remindMs: number;
  /** What one call of a model may take, and what a project may spend on models in a minute. */
  readonly models: ModelSettings;
}

/** Bounds for models; they hold for the life of the process. */
export interface ModelSettings {
  readonly tokensPerMinute: number;
  readonly outputTokens: number;
  /** Until an answer must be complete, with all attempts at it. */
  readonly timeoutMs: number;
}

/** Named places where a process may be killed by a test. The product's own implementation does nothing. */
export interface CrashPoints {
  hit(point: CrashPoint): void;
}
/** Before and after each commit, and around each file that the server writes. */
export type CrashPoint =
  | `${CommitName}:${'before' | 'after'}-commit`
  | `${FileName}:${'before' | 'after'}-write`
  | 'export:before-rename'
  | `next-key:${'before' | 'after'}-rename`;
/** Files that the server writes: an artifact, a folder of evidence, a key of a first start, the key
 * that comes next, the first token. */
type FileName = 'artifact' | 'export' | 'key' | 'next-key' | 'admin-token';

/** Everything the use cases reach the world through. */
export interface EngineContext {
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly sha256: Sha256;
  /** Checks signatures; waits for nothing but itself, so it may be asked inside a unit. */
  readonly verifyCrypto: VerifyCrypto;
  readonly keys: KeyRing;
  readonly vault: Vault;
  readonly artifacts: ArtifactFiles;
  readonly decider: Decider;
  /** The files behind the decider. */
  readonly policies: Policies;
  readonly windows: ChangeWindows;
  readonly catalogue: Catalogue;
  /** Which targets there are, of the configuration and added since. */
  readonly registry: TargetRegistry;
  /** Those of `registry` now. */
  readonly targets: readonly TargetRef[];
  readonly tokenUses: TokenUses;
  readonly limiter: RateLimiter;
  readonly wake: WakeUps;
  readonly streams: StreamTails;
  readonly crash: CrashPoints;
  readonly bundles: BundleFolder;
  readonly backups: Backups;
  /** Places outside that keep the log's checkpoints. */
  readonly sinks: readonly CheckpointSink[];
  /** Places that are told of audit events. */
  readonly webhooks: readonly WebhookEndpoint[];
  readonly auditCounts: AuditCounts;
  readonly retention: Retention;
  /** Everything by which people sign in. */
  readonly signIn: SignIn;
  /** The configured sources of models. */
  readonly providers: Providers;
  /** Turn sentences into typed steps: data only. */
  readonly planners: Planners;
  readonly inventory: InventoryCache;
  readonly dispatchLogs: DispatchLogs;
  readonly tokenBudget: TokenBudget;
  readonly modelMeter: ModelMeter;
  /** Told of what this process did: metrics count it. */
  readonly workMeter: WorkMeter;
  readonly settings: EngineSettings;
}

/** Where sealed bundles are exported as folders; the database stays the source. */
export interface BundleFolder {
  /** Writes the files to a new folder named after `at` in UTC, or completes the one that stands; answers its relative name. */
  export(
    bundleId: string,
    at: number,
    files: ReadonlyMap<string, Uint8Array>,
    existing: string | null,
  ): Promise<string>;
  /** Proves that a file can be written now; throws E_STORE where the volume takes none. */
  ping(): Promise<void>;
}
