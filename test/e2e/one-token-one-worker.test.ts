import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { describeServer } from './harness/describe-server.ts';

const leaseMs = 1000;

describeServer('one token, one worker', { worker: false, config: { lease_ms: leaseMs } }, (stage) => {
  it('a second process of a token is refused while the first is heard, and taken in when it has been silent for a lease (promise 2)', async () => {
    const worker = await stage().bearer({ name: 'beside', kind: 'worker', role: 'worker' });
    const register = (instance: string) =>
      worker.client.call('workerRegister', {
        body: { worker: 'whatever', instance, version: '1', targets: [], manifests: [] },
      });
    const [first, second] = [randomUUID(), randomUUID()];
    await register(first);
    await expect(register(second)).rejects.toMatchObject({
      code: 'E_STATE',
      detail: { retry_after_ms: expect.any(Number), next: expect.stringContaining('token of its own') },
    });
    // The same process may say again what it serves.
    await register(first);
    const known = () => stage().running.context.store.read((reads) => reads.workers.get('beside'));
    expect(await known()).toMatchObject({ instance: first });
    await sleep(leaseMs + 200);
    await register(second);
    expect(await known()).toMatchObject({ instance: second });
    await expect(register(first)).rejects.toMatchObject({ code: 'E_STATE' });
  });
});
