import { hostname } from 'node:os';
import { join } from 'node:path';
import { type ConnectOptions, connect, httpWorkerPort } from '@countersign/client';
import type { Signer } from '@countersign/evidence';
import { CodedError, type RegisterAnswer, versionSkew } from '@countersign/protocol';
import type { Worker } from '@countersign/runner';
import { v7 as uuidV7 } from 'uuid';
import { loadConfig } from '../config/load-config.ts';
import { readSettings } from '../config/settings.ts';
import { version } from '../version.ts';
import { AuditFiles } from './audit/audit-files.ts';
import { composeWorker } from './compose-worker.ts';
import { OutputFiles } from './output-files.ts';
import { workerCredential } from './worker-credential.ts';

export interface WorkerRequest {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly server: string;
  readonly token: string | null;
  readonly enrolment: string | null;
  readonly config?: string | undefined;
  readonly name?: string | undefined;
}

const ofHost = (): string =>
  `worker-${hostname()
    .replaceAll(/[^A-Za-z0-9]/g, '-')
    .slice(0, 40)}`;

/** What the worker calls itself and proves itself with: a token that was given, else its own key. */
async function identify(
  { token, enrolment, server, name }: WorkerRequest,
  dataDir: string,
): Promise<{ name: string; signer: Signer | null; proof: Pick<ConnectOptions, 'token' | 'credential'> }> {
  if (token !== null) return { name: name ?? ofHost(), signer: null, proof: { token } };
  const { worker, signer, source } = await workerCredential(dataDir, server, enrolment, () => Date.now());
  return { name: name ?? worker, signer, proof: { credential: source } };
}

/** What an operator of the worker should know of an answer to its registration. */
function registrationLines({ server_version: server, declined }: RegisterAnswer, own: string): string[] {
  const skew = versionSkew(own, server);
  return [
    ...(skew === 'same' ? [] : [`this worker has version ${own}, the server ${server}: ${skew}`]),
    ...declined.map(({ target, why }) => `the server does not take target "${target}": ${why}`),
  ];
}

/** Starts a worker that speaks to a server over HTTP. */
export async function startWorker(
  request: WorkerRequest,
  onError: (what: string, error: unknown) => void,
  say: (line: string) => void = () => undefined,
): Promise<Worker> {
  const { dataDir } = readSettings(request.env, request.cwd, {});
  const loaded = loadConfig({ config: request.config, cwd: request.cwd, dataDir });
  if (loaded === null)
    throw new CodedError('E_CONFIG', 'a worker needs a countersign.yaml that names its targets', {
      next: 'write one with `countersign init`, or pass --config',
    });
  const { name, signer, proof } = await identify(request, dataDir);
  const client = connect({ url: request.server, userAgent: `countersign-worker/${version}`, ...proof });
  const instance = uuidV7();
  const owner = { worker: name, instance, signer, now: () => Date.now() };
  const audit = await AuditFiles.open(join(dataDir, 'worker', 'audit'), owner);
  const worker = composeWorker(name, httpWorkerPort(client), loaded, request.env, {
    instance,
    onError,
    onRegistered(answer) {
      for (const line of registrationLines(answer, version)) say(line);
    },
    audit,
    spool: await OutputFiles.open(join(dataDir, 'worker', 'unsent'), Date.now()),
  });
  await worker.start();
  return worker;
}
