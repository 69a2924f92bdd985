import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import {
  createFirstToken,
  type EngineContext,
  recordAlone,
  startSweeper,
  systemActor,
  workerPort,
} from '@countersign/engine';
import type { Worker } from '@countersign/runner';
import { buildServer } from '@countersign/server';
import { type Logger, pino } from 'pino';
import { v7 as uuidV7 } from 'uuid';
import { composeEngine } from '../compose/compose-engine.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { seedSandbox } from '../sandbox/seed-sandbox.ts';
import { composeWorker } from '../worker/compose-worker.ts';

export interface ServeRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly config?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly worker: boolean;
}

/** A server that listens. `stop` lets running steps end, then closes everything. */
export interface RunningServer {
  readonly url: string;
  readonly dataDir: string;
  readonly configFile: string;
  readonly firstTokenFile: string | null;
  readonly context: EngineContext;
  stop(): Promise<void>;
}

function openLog(level: string): Logger {
  return pino(
    { level, redact: ['req.headers.authorization', '*.token', '*.password', '*.secret'], base: { app: 'countersign' } },
    pino.destination({ dest: 2, sync: true }),
  );
}

function configure(settings: Settings, request: ServeRequest): LoadedConfig {
  const found = loadConfig({ config: request.config, cwd: request.cwd, dataDir: settings.dataDir });
  if (found !== null) return found;
  const seeded = loadConfig({ config: seedSandbox(settings.dataDir), cwd: request.cwd, dataDir: settings.dataDir });
  if (seeded === null) throw new Error('the sandbox was not made');
  return seeded;
}

async function firstToken(context: EngineContext, dataDir: string): Promise<string | null> {
  const text = await createFirstToken(context);
  const file = join(dataDir, 'admin.token');
  if (text === null) return null;
  writeFileSync(file, `${text}\n`, { mode: 0o600 });
  return file;
}

async function recordStart(
  context: EngineContext,
  event: 'server.started' | 'server.stopped',
  instance: string,
): Promise<void> {
  await recordAlone(context, {
    event,
    actor: systemActor,
    subject: { kind: 'server', id: instance },
    outcome: 'ok',
    correlationId: instance,
    detail: {
      version: context.settings.version,
      policy_set: context.decider.version,
      profile: context.decider.profile,
    },
  });
}

/** Starts a server with everything it needs; seeds the sandbox on a first start without configuration. */
export async function startServer(request: ServeRequest): Promise<RunningServer> {
  const settings = readSettings(request.env, request.cwd, request);
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  const loaded = configure(settings, request);
  const log = openLog(settings.logLevel);
  const { context, store } = await composeEngine(settings, loaded.config, request.env, (warning) =>
    log.warn(warning, 'store'),
  );
  const instance = uuidV7();
  const port = workerPort(context);
  const app = await buildServer({ context, port, logger: log });
  let worker: Worker | null = null;
  const firstTokenFile = await firstToken(context, settings.dataDir);
  await recordStart(context, 'server.started', instance);
  const sweeper = startSweeper(context, instance, (loop, error) =>
    log.error({ err: error, loop }, 'a loop failed and goes on'),
  );
  if (request.worker) {
    const name = `embedded-${hostname()
      .replaceAll(/[^A-Za-z0-9]/g, '-')
      .slice(0, 40)}-${settings.port}`;
    worker = composeWorker(name, port, loaded, request.env, (what, error) => log.error({ err: error, what }, 'worker'));
    await worker.start();
  }
  const url = await app.listen({ host: settings.host, port: settings.port });
  let stopping: Promise<void> | null = null;
  const stop = async (): Promise<void> => {
    await worker?.stop();
    await app.close();
    await sweeper.stop();
    await recordStart(context, 'server.stopped', instance);
    await store.close();
  };
  return {
    url,
    dataDir: settings.dataDir,
    configFile: loaded.file,
    firstTokenFile:
      firstTokenFile ??
      (existsSync(join(settings.dataDir, 'admin.token')) ? join(settings.dataDir, 'admin.token') : null),
    context,
    stop: () => (stopping ??= stop()),
  };
}
