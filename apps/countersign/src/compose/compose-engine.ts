import { randomBytes } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { openPlanners } from '@countersign/ai';
import {
  AuditCounts,
  agentManifest,
  Backups,
  Catalogue,
  ChangeWindows,
  createVault,
  DispatchLogs,
  type EngineContext,
  InventoryCache,
  MemoryRateLimiter,
  ModelMeter,
  type PasswordHasher,
  Retention,
  type RetentionSettings,
  StreamTails,
  stateTopic,
  TargetRegistry,
  TokenBudget,
  TokenUses,
  WakeUps,
  WorkMeter,
} from '@countersign/engine';
import { fromHex, nodeHash, toHex } from '@countersign/evidence';
import { nodeSha256, nodeVerifyCrypto } from '@countersign/evidence/node';
import {
  type EndedTransaction,
  type OpenedStore,
  openArtifacts,
  openPostgres,
  openSqlite,
  type StoreWarning,
} from '@countersign/store';
import { openSinks } from '../audit/open-sinks.ts';
import { openWebhooks } from '../audit/open-webhooks.ts';
import { openBackupFolder } from '../backup/write-backup.ts';
import { agentTargets, listedDays } from '../config/agent-config.ts';
import type { Config } from '../config/config.ts';
import { type LoadedConfig, targetRefOf } from '../config/load-config.ts';
import { modelSettingsOf } from '../config/model-settings.ts';
import { policySourceOf, windowsOf } from '../config/policy-config.ts';
import type { Settings } from '../config/settings.ts';
import { crashPoints } from '../crash/crash-points.ts';
import { openBundleFolder } from '../evidence/bundle-folder.ts';
import { claimDatabase } from '../keys/claim-database.ts';
import { installationKeys } from '../keys/installation-keys.ts';
import { type OpenedPolicies, openPolicies } from '../policy/open-policies.ts';
import { openProviders } from '../provider/open-providers.ts';
import { openSignIn } from '../sign-in/open-sign-in.ts';
import type { PublicAddress } from '../sign-in/public-address.ts';
import { version } from '../version.ts';
import { monotonicClock } from './clock.ts';
import { openOutbound } from './outbound.ts';
import { timeOrderedIds } from './time-ordered-ids.ts';

/** The embedded database's file. */
export function databasePath(settings: Pick<Settings, 'dataDir'>): string {
  return join(settings.dataDir, 'countersign.db');
}

async function openStore(
  settings: Settings,
  report: (warning: StoreWarning) => void,
  workMeter: WorkMeter,
): Promise<OpenedStore> {
  const hashChildren = (left: string, right: string): string =>
    toHex(nodeHash(fromHex(left), fromHex(right), nodeSha256));
  const observe = (transaction: EndedTransaction): void => workMeter.tell({ fact: 'transacted', ...transaction });
  const shared = { clock: monotonicClock, hashChildren, report, observe };
  return settings.databaseUrl === null
    ? await openSqlite({ path: databasePath(settings), ...shared })
    : await openPostgres({ url: settings.databaseUrl, ...shared });
}

export interface Composed {
  readonly context: EngineContext;
  readonly store: OpenedStore;
  /** Is told where the server listens, once it does. */
  readonly address: PublicAddress;
  readonly opened: OpenedPolicies;
}

const dayMs = 86_400_000;
const megabyte = 1_000_000;
const times = (value: number | null, unit: number): number | null => (value === null ? null : value * unit);

function retentionOf(settings: Config['retention']): RetentionSettings {
  return {
    artifactMs: times(settings.artifact_days, dayMs),
    artifactBytes: times(settings.artifact_mb, megabyte),
    outputMs: times(settings.output_days, dayMs),
    outputBytes: times(settings.output_mb, megabyte),
    rowMs: settings.row_days * dayMs,
  };
}

/** Opens everything the engine needs and wires it together. */
export async function composeEngine(
  settings: Settings,
  loaded: LoadedConfig,
  env: Readonly<Record<string, string | undefined>>,
  report: (warning: StoreWarning) => void,
  hasher?: PasswordHasher,
): Promise<Composed> {
  const { config } = loaded;
  const opened = openPolicies(policySourceOf(loaded, env));
  const outbound = openOutbound(loaded);
  const models = modelSettingsOf(config.providers, env);
  const providers = openProviders(loaded, { env, now: monotonicClock.now, outbound });
  const crash = crashPoints(env);
  const workMeter = new WorkMeter();
  const keys = installationKeys(settings.dataDir, crash);
  const store = await openStore(settings, report, workMeter);
  try {
    await claimDatabase({ store, crash }, keys, monotonicClock.now());
    const artifacts = await openArtifacts(join(settings.dataDir, 'artifacts'));
    const backups = openBackupFolder({
      root: resolve(dirname(loaded.file), config.backup_folder ?? join(settings.dataDir, 'backups')),
      store,
      artifacts,
      keysFolder: join(settings.dataDir, 'keys'),
      configurationFile: loaded.file,
      get signer() {
        return keys.ring.signer;
      },
      installation: keys.installation,
      version,
    });
    const { signIn, address } = openSignIn(loaded, {
      dataDir: settings.dataDir,
      env,
      clock: monotonicClock,
      outbound,
      hasher,
    });
    const registry = new TargetRegistry([...config.targets.map(targetRefOf), ...agentTargets(config)]);
    await registry.refresh(store);
    const wake = new WakeUps();
    const workerSilenceMs = Math.max(10_000, config.lease_ms);
    const context: EngineContext = {
      store,
      clock: monotonicClock,
      ids: timeOrderedIds(() => Date.now()),
      sha256: nodeSha256,
      verifyCrypto: nodeVerifyCrypto,
      keys: keys.ring,
      vault: createVault(keys.sealKey),
      artifacts,
      decider: opened.decider,
      policies: opened.policies,
      windows: new ChangeWindows(windowsOf(config.change_windows)),
      catalogue: new Catalogue(monotonicClock, workerSilenceMs, [agentManifest(nodeSha256)]),
      registry,
      get targets() {
        return registry.current;
      },
      tokenUses: new TokenUses(),
      limiter: new MemoryRateLimiter(monotonicClock),
      wake,
      streams: new StreamTails(store, store.hints, (opId) => wake.notify(stateTopic(opId))),
      crash,
      bundles: openBundleFolder(settings.dataDir, crash),
      backups: new Backups(backups),
      sinks: openSinks(loaded, { installation: keys.installation, env, now: monotonicClock.now, outbound }),
      webhooks: openWebhooks(loaded, { env, now: monotonicClock.now, outbound }),
      auditCounts: new AuditCounts(),
      retention: new Retention(retentionOf(config.retention)),
      signIn,
      providers,
      planners: openPlanners({ ...models, nonce: () => randomBytes(16).toString('hex'), now: monotonicClock.now }),
      tokenBudget: new TokenBudget(monotonicClock, models.tokensPerMinute),
      inventory: new InventoryCache(monotonicClock),
      dispatchLogs: new DispatchLogs(),
      modelMeter: new ModelMeter(),
      workMeter,
      settings: {
        models,
        installation: keys.installation,
        version,
        leaseMs: config.lease_ms,
        heartbeatMs: Math.round(config.lease_ms / 3),
        workerSilenceMs,
        approvalTtlMs: config.approval_hours * 3_600_000,
        maxAttempts: 10,
        checkpointEveryMs: 1000,
        dispatchLeaseMs: config.agents.lease_ms,
        listedMs: listedDays(config, env) * dayMs,
        remindMs: config.approval_reminder_hours * 3_600_000,
      },
    };
    return { context, store, opened, address };
  } catch (error) {
    await store.close();
    throw error;
  }
}
