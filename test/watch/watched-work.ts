import { randomUUID } from 'node:crypto';
import type { Client } from '@countersign/client';
import type { OperationView, ProposeRequest } from '@countersign/protocol';
import { createTestDatabase, dockerSocket, freePort, waitUntil } from '@countersign/testing';
import type { LiveContainer } from '../../connectors/docker/src/live/containers.ts';
import { type Installation, makeBareRepository, makeInstallation, type People } from '../crash/installation.ts';

/** Two servers on one Postgres, as the scrape sees them, and the people at each. */
export interface Watched extends AsyncDisposable {
  readonly installation: Installation;
  readonly here: People;
  readonly there: People;
  /** `host:port` of each server. */
  readonly targets: readonly string[];
  /** A token that may read metrics and nothing else. */
  readonly scrapeToken: string;
}

const configuration = (): string => `
lease_ms: 5000
outbound: { allow: ['127.0.0.1'] }
webhooks: [{ name: chat, url: 'http://127.0.0.1:9/hook', secret_env: HOOK_SECRET, events: ['*'] }]
checkpoints: [{ kind: file, name: nas, path: checkpoints.jsonl, every_seconds: 1 }]
providers: { named: { local: { type: openai_compat, base_url: 'http://127.0.0.1:9/v1', model: some } } }
targets:
  - { name: containers, project: shop, environment: dev, connector: docker, config: { socket: ${dockerSocket()} } }
  - { name: files-dev, project: shop, environment: dev, connector: repo, config: { path: ./repository } }
  - { name: files-prod, project: shop, environment: prod, connector: repo, config: { path: ./repository } }
`;

/** Starts both servers, without workers. */
export async function openWatched(): Promise<Watched> {
  const database = await createTestDatabase();
  const installation = await makeInstallation({
    targets: 0,
    configuration: configuration(),
    databaseUrl: database.connectionString,
  });
  makeBareRepository(`${installation.folder}/repository`);
  const port = await freePort();
  const env = { HOOK_SECRET: 'a secret of the test only' };
  await installation.serve({ worker: false, env });
  await installation.serve({ worker: false, env, port });
  const here = await installation.enrol();
  const url = `http://127.0.0.1:${port}`;
  const { token: scrapeToken } = await here.admin.call('tokenCreate', {
    body: { name: 'prometheus', kind: 'service', role: 'viewer', scopes: ['metrics:read'] },
  });
  return {
    installation,
    here,
    there: here.at(url),
    targets: [installation.url, url].map((each) => new URL(each).host),
    scrapeToken,
    async [Symbol.asyncDispose]() {
      await installation[Symbol.asyncDispose]();
      await database.drop();
    },
  };
}

/** Reads by an action and waits for the answer, whichever it is. */
export async function read(client: Client, action: string, target: string, inputs: object): Promise<string> {
  const body = { request_id: randomUUID(), action, target, inputs: { ...inputs }, wait_ms: 30_000 };
  return (await client.call('actionExecute', { body })).status;
}

/** Waits until an operation is closed. */
export async function closed(client: Client, opId: string): Promise<OperationView> {
  return await waitUntil(
    `${opId} ends`,
    async () => {
      const view = await client.call('opsGet', { params: { op_id: opId } });
      return view.state === 'closed' && view;
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}

export const restart = ({ name }: LiveContainer): ProposeRequest => ({
  target: 'containers',
  steps: [{ action: 'docker.restart_container', inputs: { container: name, stop_timeout_seconds: 1 } }],
  start: 'when_allowed',
});

export const write = (target: string, path: string, start: 'manual' | 'when_allowed'): ProposeRequest => ({
  target,
  steps: [
    { action: 'repo.write_files', inputs: { message: `Write ${path}`, files: [{ path, content: `${path}\n` }] } },
  ],
  start,
});

/** Proposes, and waits for the plan. */
export async function propose(client: Client, body: ProposeRequest): Promise<OperationView> {
  return await client.call('opsPlan', { body, preferWaitSeconds: 30 });
}
