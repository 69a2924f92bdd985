import { dirname } from 'node:path';
import { dockerConnector } from '@countersign/connector-docker';
import { localExec } from '@countersign/connector-kit';
import { repoConnector } from '@countersign/connector-repo';
import type { WorkerPort } from '@countersign/protocol';
import { Worker } from '@countersign/runner';
import { v7 as uuidV7 } from 'uuid';
import { monotonicClock } from '../compose/clock.ts';
import { type LoadedConfig, resolvePaths } from '../config/load-config.ts';
import { crashPoints } from '../crash/crash-points.ts';
import { version } from '../version.ts';

/** Makes a worker for every target of a configuration. It holds the targets' settings; the server never does. */
export function composeWorker(
  name: string,
  port: WorkerPort,
  { file, config }: LoadedConfig,
  env: Readonly<Record<string, string | undefined>>,
  onError: (what: string, error: unknown) => void,
): Worker {
  return new Worker({
    name,
    instance: uuidV7(),
    version,
    port,
    connectors: [repoConnector, dockerConnector],
    targets: config.targets.map((entry) => ({
      name: entry.name,
      connector: entry.connector,
      config: resolvePaths(entry, dirname(file)),
    })),
    ports: { exec: localExec, now: () => monotonicClock.now() },
    faults: crashPoints(env),
    slots: { run: 32, look: 32 },
    onError,
  });
}
