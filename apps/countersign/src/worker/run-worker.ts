import { hostname } from 'node:os';
import { connect, httpWorkerPort } from '@countersign/client';
import { CodedError } from '@countersign/protocol';
import type { Worker } from '@countersign/runner';
import { loadConfig } from '../config/load-config.ts';
import { readSettings } from '../config/settings.ts';
import { version } from '../version.ts';
import { composeWorker } from './compose-worker.ts';

export interface WorkerRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly server: string;
  readonly token: string | null;
  readonly config?: string | undefined;
  readonly name?: string | undefined;
}

/** Starts a worker that speaks to a server over HTTP. */
export async function startWorker(
  request: WorkerRequest,
  onError: (what: string, error: unknown) => void,
): Promise<Worker> {
  if (request.token === null) {
    throw new CodedError('E_AUTH_REQUIRED', 'a worker needs a token of kind worker', {
      next: 'make one: countersign token create NAME --kind worker --role worker',
    });
  }
  const { dataDir } = readSettings(request.env, request.cwd, {});
  const loaded = loadConfig({ config: request.config, cwd: request.cwd, dataDir });
  if (loaded === null)
    throw new CodedError('E_CONFIG', 'a worker needs a countersign.yaml that names its targets', {
      next: 'write one with `countersign init`, or pass --config',
    });
  const client = connect({ url: request.server, token: request.token, userAgent: `countersign-worker/${version}` });
  const name =
    request.name ??
    `worker-${hostname()
      .replaceAll(/[^A-Za-z0-9]/g, '-')
      .slice(0, 40)}`;
  const worker = composeWorker(name, httpWorkerPort(client), loaded, request.env, onError);
  await worker.start();
  return worker;
}
