import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, connect } from '@countersign/client';
import type { PasswordHasher } from '@countersign/engine';
import type { TokenCreateRequest } from '@countersign/protocol';
import { createTestDatabase, type GitRepository, makeGitRepository, makeTempFolder } from '@countersign/testing';
import { type RunningServer, startServer } from '../../../apps/countersign/src/serve/serve.ts';

export type Dialect = 'sqlite' | 'postgres';
export type Tier = 'dev' | 'stage' | 'prod';

/** How a server under test differs from the usual one. */
export interface OpenOptions {
  readonly worker?: boolean;
  /** Settings of `countersign.yaml` beside its targets. */
  readonly config?: Readonly<Record<string, unknown>>;
  readonly targets?: readonly Readonly<Record<string, unknown>>[];
  readonly files?: Readonly<Record<string, string>>;
  /** Policies of the operator's own, by file name; their folder is followed. */
  readonly policies?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Where it listens; anywhere when left out. */
  readonly port?: number;
  /** argon2id when left out. */
  readonly hasher?: PasswordHasher;
}

/** A token's bearer, with a client of their own. */
export interface Bearer {
  readonly client: Client;
  readonly token: string;
  readonly tokenId: string;
}

/** A real server on a real socket, with a real git repository as target in each tier. */
export interface TestServer {
  readonly dialect: Dialect;
  readonly url: string;
  readonly dataDir: string;
  /** Folder of the operator's own policies; there only where the options name some. */
  readonly policyFolder: string;
  readonly databaseUrl: string | null;
  readonly running: RunningServer;
  /** Starts one more server on the same data folder and database; Postgres only. */
  another(port?: number): Promise<RunningServer>;
  readonly repos: Readonly<Record<Tier, GitRepository>>;
  readonly admin: Bearer;
  /** Makes a token, as the administrator unless told otherwise. */
  bearer(request: TokenCreateRequest, by?: Client): Promise<Bearer>;
  close(): Promise<void>;
}

export const startFiles: Readonly<Record<string, string>> = {
  'README.md': '# shop\n',
  'config/app.yaml': 'name: shop\nreplicas: 1\nlog_level: info\n',
  'config/limits.yaml': 'requests_per_minute: 600\n',
};

/** The targets of a configuration: `shop-dev`, `shop-stage` and `shop-prod`. */
export function repoTargets(repos: Readonly<Record<Tier, GitRepository>>): Record<string, unknown>[] {
  return Object.entries(repos).map(([environment, { path }]) => ({
    name: `shop-${environment}`,
    project: 'shop',
    environment,
    connector: 'repo',
    config: { path, branch: 'main' },
  }));
}

async function makeRepos(files: Readonly<Record<string, string>>): Promise<Record<Tier, GitRepository>> {
  const [dev, stage, prod] = await Promise.all([
    makeGitRepository(files),
    makeGitRepository(files),
    makeGitRepository(files),
  ]);
  return { dev, stage, prod };
}

/** Opens a server. Everything it made is gone after `close`. */
export async function openServer(dialect: Dialect, options: OpenOptions = {}): Promise<TestServer> {
  const folder = makeTempFolder();
  const database = dialect === 'postgres' ? await createTestDatabase() : null;
  const repos = await makeRepos(options.files ?? startFiles);
  const dataDir = join(folder.path, 'data');
  const config = join(folder.path, 'countersign.yaml');
  const policyFolder = join(folder.path, 'policies');
  if (options.policies !== undefined) mkdirSync(policyFolder);
  for (const [name, text] of Object.entries(options.policies ?? {})) writeFileSync(join(policyFolder, name), text);
  const targets = [...repoTargets(repos), ...(options.targets ?? [])];
  const policies = options.policies === undefined ? {} : { policies: { folder: 'policies' } };
  writeFileSync(config, JSON.stringify({ ...policies, ...options.config, targets }));
  const start = (port: number): Promise<RunningServer> =>
    startServer({
      env: {
        PATH: process.env['PATH'],
        COUNTERSIGN_LOG_LEVEL: 'fatal',
        ...options.env,
        ...(database === null ? {} : { DATABASE_URL: database.connectionString }),
      },
      cwd: folder.path,
      dataDir,
      config,
      port,
      worker: options.worker ?? true,
      ...(options.hasher === undefined ? {} : { hasher: options.hasher }),
    });
  const running = await start(options.port ?? 0);
  const others: RunningServer[] = [];
  const connected = (token: string): Client => connect({ url: running.url, token });
  const adminToken = readFileSync(join(dataDir, 'admin.token'), 'utf8').trim();
  const admin: Bearer = { client: connected(adminToken), token: adminToken, tokenId: '' };
  return {
    dialect,
    url: running.url,
    dataDir,
    policyFolder,
    databaseUrl: database?.connectionString ?? null,
    running,
    async another(port = 0) {
      const other = await start(port);
      others.push(other);
      return other;
    },
    repos,
    admin,
    async bearer(request, by = admin.client) {
      const { token, token_id: tokenId } = await by.call('tokenCreate', { body: request });
      return { client: connected(token), token, tokenId };
    },
    async close() {
      for (const other of others) await other.stop();
      await running.stop();
      await database?.drop();
      for (const repo of Object.values(repos)) repo.remove();
      folder.remove();
    },
  };
}
