import { httpWorkerPort } from '@countersign/client';
import type { IntentRequest, OutcomeRequest, WorkerPort } from '@countersign/protocol';
import { loadConfig } from '../../../apps/countersign/src/config/load-config.ts';
import { composeWorker } from '../../../apps/countersign/src/worker/compose-worker.ts';
import type { TestServer } from './open-server.ts';

/** Places where a test may hold a real worker. Each is left out where nothing is held. */
export interface Gates {
  beforeIntent?: ((request: IntentRequest) => Promise<void>) | undefined;
  afterOutcome?: ((request: OutcomeRequest) => Promise<void>) | undefined;
}

/** Starts a real worker over HTTP whose progress the test can hold by setting `gates`. */
export async function startGatedWorker(server: TestServer, gates: Gates): Promise<{ stop(): Promise<void> }> {
  const { client } = await server.bearer({ name: 'gated', kind: 'worker', role: 'worker' });
  const { configFile, dataDir } = server.running;
  const loaded = loadConfig({ config: configFile, cwd: dataDir, dataDir });
  if (loaded === null) throw new Error('the server has no configuration');
  const port = httpWorkerPort(client);
  const gated: WorkerPort = {
    ...port,
    async recordIntent(fence, request) {
      await gates.beforeIntent?.(request);
      return await port.recordIntent(fence, request);
    },
    async recordOutcome(fence, request) {
      await port.recordOutcome(fence, request);
      await gates.afterOutcome?.(request);
    },
  };
  const worker = composeWorker('gated', gated, loaded, { PATH: process.env['PATH'] }, { onError: () => undefined });
  await worker.start();
  return worker;
}

/** A gate that is shut until `open` is called; `reached` resolves when somebody waits at it. */
export function makeGate(): { wait(): Promise<void>; open(): void; readonly reached: Promise<void> } {
  const passed = Promise.withResolvers<void>();
  const arrived = Promise.withResolvers<void>();
  return {
    wait() {
      arrived.resolve();
      return passed.promise;
    },
    open: () => passed.resolve(),
    reached: arrived.promise,
  };
}
