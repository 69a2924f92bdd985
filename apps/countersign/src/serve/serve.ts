import { mkdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, resolve } from 'node:path';
import {
  type EngineContext,
  type PasswordHasher,
  policiesAtStart,
  policiesHaveChanged,
  providersAtStart,
  providersHaveChanged,
  recordAlone,
  startExports,
  startGenerations,
  startSweeper,
  startWebhooks,
  systemActor,
  workerPort,
} from '@countersign/engine';
import { CodedError } from '@countersign/protocol';
import { buildServer, closeServer, type FastifyInstance } from '@countersign/server';
import type { StoreWarning } from '@countersign/store';
import { type Logger, pino } from 'pino';
import { v7 as uuidV7 } from 'uuid';
import { refuseUnfinishedRestore } from '../backup/unfinished-restore.ts';
import { composeEngine } from '../compose/compose-engine.ts';
import { limitsOf, webOf } from '../config/access-config.ts';
import { readTls } from '../config/listen-config.ts';
import { type LoadedConfig, loadConfig } from '../config/load-config.ts';
import { policySourceOf } from '../config/policy-config.ts';
import { readSettings, type Settings } from '../config/settings.ts';
import { watchFolder } from '../config/watch-folder.ts';
import { seedSandbox } from '../sandbox/seed-sandbox.ts';
import { composeWorker } from '../worker/compose-worker.ts';
import { firstToken } from './first-token.ts';
import { readPageFile } from './page-files.ts';
import { readVerifierPage } from './verifier-page.ts';

export interface ServeRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly config?: string | undefined;
  readonly dataDir?: string | undefined;
  readonly worker: boolean;
  /** Hashes passwords; argon2id when left out. */
  readonly hasher?: PasswordHasher;
}

/** A server that listens. `stop` lets running steps end, then closes everything. */
export interface RunningServer {
  readonly url: string;
  /** Where administration listens, if it has an address of its own. */
  readonly adminUrl: string | null;
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

async function listen(
  app: FastifyInstance,
  settings: Pick<Settings, 'host' | 'port'>,
  secure: boolean,
): Promise<string> {
  try {
    const url = await app.listen({ host: settings.host, port: settings.port });
    // The framework says "http" of a socket that it did not make itself.
    return secure ? url.replace(/^http:/, 'https:') : url;
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    throw new CodedError(
      'E_CONFIG',
      `cannot listen on ${settings.host}:${settings.port} (${code})`,
      { field: 'COUNTERSIGN_PORT', next: 'choose another port with --port or COUNTERSIGN_PORT, or stop what uses it' },
      { cause },
    );
  }
}

/** Takes over policies of the operator's own as they change; answers what stops that. */
function followPolicies(context: EngineContext, folder: string | null, log: Logger): () => Promise<void> {
  if (folder === null) return async () => undefined;
  const take = async (key: string): Promise<void> => {
    const read = await policiesHaveChanged(context, key);
    if (read.kind === 'changed') log.warn({ from: read.from, to: read.to }, 'other policies decide from here on');
    if (read.kind === 'refused')
      log.error({ faults: read.faults }, 'the policies are not valid; those before them stay');
  };
  const files = { look: () => context.policies.look(), take };
  const watcher = watchFolder(folder, files, (error) => log.error({ err: error }, 'policies'));
  return () => watcher.stop();
}

/** Takes over providers of models as the files that name them change; answers what stops that. */
function followProviders(context: EngineContext, loaded: LoadedConfig, log: Logger): () => Promise<void> {
  const take = async (key: string): Promise<void> => {
    const read = await providersHaveChanged(context, key);
    if (read.kind === 'refused')
      log.error({ faults: read.faults }, 'the providers are not valid; those before them stay');
  };
  const files = { look: () => context.providers.look(), take };
  const { file } = loaded.config.providers;
  const folders = new Set(
    [loaded.file, ...(file === undefined ? [] : [resolve(dirname(loaded.file), file)])].map((path) => dirname(path)),
  );
  const watchers = [...folders].map((folder) =>
    watchFolder(folder, files, (error) => log.error({ err: error }, 'providers')),
  );
  return async () => {
    for (const watcher of watchers) await watcher.stop();
  };
}

/** Closes in the reverse order of opening; every part is closed even if another fails. */
class Opened {
  readonly #closers: (() => Promise<void>)[] = [];
  add(close: () => Promise<void>): void {
    this.#closers.unshift(close);
  }
  async close(): Promise<void> {
    const failed: unknown[] = [];
    for (const close of this.#closers.splice(0)) await close().catch((error: unknown) => failed.push(error));
    if (failed.length > 0) throw new AggregateError(failed, 'not everything could be closed');
  }
}

async function open(request: ServeRequest, opened: Opened): Promise<Omit<RunningServer, 'stop'>> {
  const settings = readSettings(request.env, request.cwd, request);
  mkdirSync(settings.dataDir, { recursive: true, mode: 0o700 });
  refuseUnfinishedRestore(settings.dataDir);
  const loaded = configure(settings, request);
  const tls = readTls(loaded);
  const log = openLog(settings.logLevel);
  const report = (warning: StoreWarning): void => log.warn(warning, 'store');
  const composed = await composeEngine(settings, loaded, request.env, report, request.hasher);
  const { context, store, address, opened: policies } = composed;
  opened.add(() => store.close());
  opened.add(() => context.backups.settled());
  const instance = uuidV7();
  const port = workerPort(context);
  const name = `embedded-${hostname()
    .replaceAll(/[^A-Za-z0-9]/g, '-')
    .slice(0, 40)}-${settings.port}`;
  const onError = (what: string, error: unknown): void => log.error({ err: error, what }, 'worker');
  const worker = request.worker ? composeWorker(name, port, loaded, request.env, { onError }) : null;
  const { per_principal: perPrincipal, total, max_seconds, max_events: maxEvents, max_mb } = loaded.config.streams;
  const { trust_proxy: trustProxy } = loaded.config;
  const streams = { perPrincipal, total, maxEvents, maxMs: max_seconds * 1000, maxBytes: max_mb * 1024 * 1024 };
  const trust = trustProxy.length === 0 ? {} : { trustProxy };
  const { web, admin, limits, flags } = loaded.config;
  const options = {
    context,
    port,
    logger: log,
    streams,
    verifierPage: readVerifierPage,
    page: readPageFile,
    settings: { web: webOf(web), limits: limitsOf(limits), flags },
    ...trust,
    ...(tls && { tls }),
  };
  const app = await buildServer({ ...options, part: admin === undefined ? 'all' : 'without_admin' });
  const adminApp = admin === undefined ? null : await buildServer({ ...options, part: 'admin' });
  const firstTokenFile = await firstToken(context, settings.dataDir);
  await recordStart(context, 'server.started', instance);
  opened.add(() => recordStart(context, 'server.stopped', instance));
  const sweeper = startSweeper(context, instance, (loop, error) => log.error({ err: error, loop }, 'a loop goes on'));
  opened.add(() => sweeper.stop());
  const generations = startGenerations(context, instance, (what, error) => log.error({ err: error, what }, 'drafts'));
  opened.add(() => generations.stop());
  const exports = startExports(context, (what, error) => log.error({ err: error, what }, 'checkpoints'));
  opened.add(() => exports.stop());
  const webhooks = startWebhooks(context, instance, (what, error) => log.error({ err: error, what }, 'webhooks'));
  opened.add(() => webhooks.stop());
  opened.add(() => closeServer(app));
  if (adminApp !== null) opened.add(() => closeServer(adminApp));
  if (worker !== null) {
    opened.add(() => worker.stop());
    await worker.start();
  }
  const url = await listen(app, settings, tls !== null);
  const adminUrl = adminApp === null || admin === undefined ? null : await listen(adminApp, admin, tls !== null);
  address.listensAt(url);
  const begun = new Promise<void>((resolve) => setImmediate(() => resolve())).then(async () => {
    policies.warm();
    await policiesAtStart(context);
    await providersAtStart(context);
  });
  begun.catch((error: unknown) => log.error({ err: error }, 'policies'));
  opened.add(() => begun.catch(() => undefined));
  opened.add(followPolicies(context, policySourceOf(loaded, request.env).folder, log));
  opened.add(followProviders(context, loaded, log));
  return { url, dataDir: settings.dataDir, configFile: loaded.file, firstTokenFile, context, adminUrl };
}

/** Starts a server with everything it needs; seeds the sandbox on a first start without configuration. */
export async function startServer(request: ServeRequest): Promise<RunningServer> {
  const opened = new Opened();
  try {
    const server = await open(request, opened);
    let stopping: Promise<void> | null = null;
    return {
      ...server,
      stop: () => {
        stopping ??= opened.close();
        return stopping;
      },
    };
  } catch (error) {
    await opened.close();
    throw error;
  }
}
