import { dirname } from 'node:path';
import { dockerConnector } from '@countersign/connector-docker';
import { jvmConnector } from '@countersign/connector-jvm';
import type { AnyConnector } from '@countersign/connector-kit';
import { kubernetesConnector } from '@countersign/connector-kubernetes';
import { repoConnector } from '@countersign/connector-repo';
import { serviceConnector } from '@countersign/connector-service';
import { CodedError, coversAction, type RegisterAnswer, type WorkerPort } from '@countersign/protocol';
import { type OutputSpool, type WorkAudit, Worker, type WorkerTargetConfig } from '@countersign/runner';
import { v7 as uuidV7 } from 'uuid';
import { monotonicClock } from '../compose/clock.ts';
import type { TargetEntry } from '../config/config.ts';
import { issueAt, type LoadedConfig, resolvePaths } from '../config/load-config.ts';
import { crashPoints } from '../crash/crash-points.ts';
import { crashingExec } from '../crash/crashing-exec.ts';
import { version } from '../version.ts';
import { acceptTargets } from './accept-target.ts';
import { findSecrets, type SecretSources } from './find-secrets.ts';

/** Every connector there is. */
export const connectors: readonly AnyConnector[] = [
  repoConnector,
  dockerConnector,
  kubernetesConnector,
  serviceConnector,
  jvmConnector,
];

/** An allowlist that holds nothing of its connector is a mistake, and so is a name that no action has. */
function assertAllowed(loaded: LoadedConfig, index: number, { actions }: TargetEntry, connector: AnyConnector): void {
  const known = connector.actions.map(({ name }) => name);
  for (const [at, pattern] of (actions ?? []).entries()) {
    if (known.some((name) => coversAction([pattern], name))) continue;
    throw loaded.problemAt(
      ['targets', index, 'actions', at],
      `expected one of ${known.join(', ')}, ${connector.name}.* or *`,
    );
  }
}

/** A target's settings with their secrets, wherever those stand. */
function settingsOf(loaded: LoadedConfig, index: number, entry: TargetEntry, sources: SecretSources): unknown {
  try {
    return findSecrets(resolvePaths(entry, sources.folder), sources);
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    throw loaded.problemAt(['targets', index, 'config'], error.message);
  }
}

/** The targets with their connectors' own settings checked. Throws E_CONFIG with file, line and what is expected. */
function workerTargets(loaded: LoadedConfig, sources: SecretSources): WorkerTargetConfig[] {
  return loaded.config.targets.map((entry, index) => {
    const connector = connectors.find((known) => known.name === entry.connector);
    if (connector === undefined) {
      const known = connectors.map(({ name }) => name).join(', ');
      throw loaded.problemAt(['targets', index, 'connector'], `expected one of ${known}`);
    }
    const config = settingsOf(loaded, index, entry, sources);
    const [issue] = connector.config.safeParse(config).error?.issues ?? [];
    if (issue !== undefined) {
      const { path, expected } = issueAt(issue);
      throw loaded.problemAt(['targets', index, 'config', ...path], expected);
    }
    assertAllowed(loaded, index, entry, connector);
    return { name: entry.name, connector: entry.connector, config, actions: entry.actions };
  });
}

/** How a worker tells and keeps what happens. */
export interface WorkerVoice {
  /** This process life; a fresh one when left out. */
  readonly instance?: string;
  onError(what: string, error: unknown): void;
  onRegistered?(answer: RegisterAnswer): void;
  /** Where output waits that the server cannot be told; left out, the server is this process. */
  readonly spool?: OutputSpool;
  /** The worker's own audit; left out where the server is this process, whose audit it is. */
  readonly audit?: WorkAudit;
}

/** Makes a worker for every target of a configuration. It holds the targets' settings; the server never does. */
export function composeWorker(
  name: string,
  port: WorkerPort,
  loaded: LoadedConfig,
  env: Readonly<Record<string, string | undefined>>,
  voice: WorkerVoice,
): Worker {
  const faults = crashPoints(env);
  const sources = { env, folder: dirname(loaded.file) };
  return new Worker({
    name,
    instance: uuidV7(),
    version,
    port,
    connectors,
    targets: workerTargets(loaded, sources),
    accept: acceptTargets(loaded.config.worker.accept, connectors, sources, loaded.file),
    ports: { exec: crashingExec(faults), now: () => monotonicClock.now() },
    faults,
    slots: { run: 32, look: 32 },
    ...voice,
  });
}
