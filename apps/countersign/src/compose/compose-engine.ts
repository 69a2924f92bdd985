import { dirname, join, resolve } from 'node:path';
import {
  Backups,
  Catalogue,
  commit,
  createVault,
  type EngineContext,
  StreamTails,
  stateTopic,
  TokenUses,
  WakeUps,
} from '@countersign/engine';
import { fromHex, nodeHash, toHex } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import { CodedError, JsonObject } from '@countersign/protocol';
import { type OpenedStore, openArtifacts, openPostgres, openSqlite, type StoreWarning } from '@countersign/store';
import { v7 as uuidV7 } from 'uuid';
import { openBackupFolder } from '../backup/write-backup.ts';
import { type LoadedConfig, targetRefOf } from '../config/load-config.ts';
import type { Settings } from '../config/settings.ts';
import { crashPoints } from '../crash/crash-points.ts';
import { openBundleFolder } from '../evidence/bundle-folder.ts';
import { installationKeys } from '../keys/installation-keys.ts';
import { version } from '../version.ts';
import { monotonicClock } from './clock.ts';
import { policyDecider } from './policy-decider.ts';

/** The embedded database's file. */
export function databasePath(settings: Pick<Settings, 'dataDir'>): string {
  return join(settings.dataDir, 'countersign.db');
}

async function openStore(settings: Settings, report: (warning: StoreWarning) => void): Promise<OpenedStore> {
  const hashChildren = (left: string, right: string): string =>
    toHex(nodeHash(fromHex(left), fromHex(right), nodeSha256));
  const shared = { clock: monotonicClock, hashChildren, report };
  return settings.databaseUrl === null
    ? await openSqlite({ path: databasePath(settings), ...shared })
    : await openPostgres({ url: settings.databaseUrl, ...shared });
}

/** A database belongs to one installation: another key on it would sign a history that it did not see. */
async function claimDatabase(
  opened: Pick<EngineContext, 'store' | 'crash'>,
  installation: string,
  keyid: string,
): Promise<void> {
  const standing = await commit(opened, 'installation', async (unit) => {
    const known = await unit.settings.get('installation');
    if (known === undefined) await unit.settings.set('installation', { id: installation, keyid });
    return known ?? { id: installation, keyid };
  });
  const known = JsonObject.safeParse(standing);
  if (!known.success || known.data['id'] !== installation || known.data['keyid'] !== keyid) {
    throw new CodedError('E_CONFIG', 'this database belongs to another installation', {
      next: 'use the keys folder of that installation, or another database',
    });
  }
}

export interface Composed {
  readonly context: EngineContext;
  readonly store: OpenedStore;
}

/** Opens everything the engine needs and wires it together. */
export async function composeEngine(
  settings: Settings,
  loaded: Pick<LoadedConfig, 'file' | 'config'>,
  env: Readonly<Record<string, string | undefined>>,
  report: (warning: StoreWarning) => void,
): Promise<Composed> {
  const { config } = loaded;
  const decider = policyDecider(config.profile);
  const crash = crashPoints(env);
  const keys = installationKeys(settings.dataDir, crash);
  const store = await openStore(settings, report);
  try {
    await claimDatabase({ store, crash }, keys.installation, keys.signer.keyid);
    const artifacts = await openArtifacts(join(settings.dataDir, 'artifacts'));
    const backups = openBackupFolder({
      root: resolve(dirname(loaded.file), config.backup_folder ?? join(settings.dataDir, 'backups')),
      store,
      artifacts,
      keysFolder: join(settings.dataDir, 'keys'),
      configurationFile: loaded.file,
      signer: keys.signer,
      installation: keys.installation,
      version,
    });
    const wake = new WakeUps();
    const workerSilenceMs = Math.max(10_000, config.lease_ms);
    const context: EngineContext = {
      store,
      clock: monotonicClock,
      ids: { next: () => uuidV7() },
      sha256: nodeSha256,
      signer: keys.signer,
      trust: keys.trust,
      vault: createVault(keys.sealKey),
      artifacts,
      decider,
      catalogue: new Catalogue(monotonicClock, workerSilenceMs),
      targets: config.targets.map(targetRefOf),
      tokenUses: new TokenUses(),
      wake,
      streams: new StreamTails(store, store.hints, (opId) => wake.notify(stateTopic(opId))),
      crash,
      bundles: openBundleFolder(settings.dataDir, crash),
      backups: new Backups(backups),
      settings: {
        installation: keys.installation,
        version,
        leaseMs: config.lease_ms,
        heartbeatMs: Math.round(config.lease_ms / 3),
        workerSilenceMs,
        approvalTtlMs: config.approval_hours * 3_600_000,
        maxAttempts: 10,
        checkpointEveryMs: 1000,
      },
    };
    return { context, store };
  } catch (error) {
    await store.close();
    throw error;
  }
}
