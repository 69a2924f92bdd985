import { randomInt } from 'node:crypto';
import type { WakeUps } from '@countersign/engine';
import { reportFault, waitUntil } from '@countersign/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { effectsIn } from '../crash/oracle.ts';
import { show, writeFiles } from '../e2e/harness/flow.ts';
import { type Dialect, openServer, type TestServer } from '../e2e/harness/open-server.ts';

/** What becomes of one wake-up: it is lost, comes several times, or comes late and so after those that were later. */
type Fate =
  | { kind: 'kept' }
  | { kind: 'lost' }
  | { kind: 'repeated'; times: number }
  | { kind: 'late'; afterMs: number };

const fate: fc.Arbitrary<Fate> = fc.oneof(
  fc.constant<Fate>({ kind: 'kept' }),
  fc.constant<Fate>({ kind: 'lost' }),
  fc.record({ kind: fc.constant('repeated' as const), times: fc.integer({ min: 2, max: 5 }) }),
  fc.record({ kind: fc.constant('late' as const), afterMs: fc.integer({ min: 1, max: 400 }) }),
);
const operations = 6;
const runs = 4;

/** Lets each wake-up meet its fate; answers how many met another than to be kept. */
function disturb(wake: WakeUps, fates: readonly Fate[]): { fired: Record<string, number>; end(): void } {
  const notify = wake.notify.bind(wake);
  const fired: Record<string, number> = {};
  let count = 0;
  wake.notify = (topic) => {
    const met = fates[count % fates.length] ?? { kind: 'kept' };
    count += 1;
    if (met.kind !== 'kept') fired[met.kind] = (fired[met.kind] ?? 0) + 1;
    if (met.kind === 'kept') notify(topic);
    if (met.kind === 'repeated') for (let time = 0; time < met.times; time += 1) notify(topic);
    if (met.kind === 'late') setTimeout(() => notify(topic), met.afterMs);
  };
  return {
    fired,
    end() {
      wake.notify = notify;
    },
  };
}

/** Proposes at once and waits for the ends; answers the run and step keys that must have had their effect. */
async function change(server: TestServer): Promise<string[]> {
  const { client } = server.admin;
  const proposed = await Promise.all(
    Array.from({ length: operations }, (_, index) =>
      client.call('opsPlan', {
        body: { ...writeFiles('dev', { [`${index}.txt`]: `${Math.random()}\n` }), start: 'when_allowed' },
        preferWaitSeconds: 0,
      }),
    ),
  );
  const ids = proposed.map(({ op_id: id }) => id);
  for (const id of ids)
    await waitUntil(
      `${id} is anchored`,
      async () => {
        const view = await show(client, id);
        return view.state === 'closed' && (view.evidence === 'anchored' || view.run?.state !== 'succeeded');
      },
      { timeoutMs: 60_000 },
    );
  return ids;
}

describe.each<Dialect>(['sqlite', 'postgres'])('[%s]', (dialect) => {
  it('wake-ups that are lost, repeated or out of order cost time, never a second execution (promise 2)', async () => {
    const server = await openServer(dialect);
    const total: Record<string, number> = {};
    const { wake } = server.running.context;
    const seed = Number(process.env['COUNTERSIGN_SEED'] ?? randomInt(2 ** 31));
    process.stdout.write(`COUNTERSIGN_SEED=${seed}\n`);
    try {
      const property = fc.asyncProperty(fc.array(fate, { minLength: 1, maxLength: 40 }), async (fates) => {
        const disturbed = disturb(wake, fates);
        const before = effectsIn(server.repos.dev.path);
        const ids = await change(server);
        disturbed.end();
        for (const [kind, count] of Object.entries(disturbed.fired)) total[kind] = (total[kind] ?? 0) + count;
        const after = effectsIn(server.repos.dev.path);
        let succeeded = 0;
        for (const id of ids) {
          const { run } = await show(server.admin.client, id);
          // Plans of one moment on one branch: the first run may leave the others stale, which is no execution.
          if (run?.state === 'succeeded') succeeded += 1;
          else expect(run?.failure?.code).toBe('E_PLAN_STALE');
        }
        expect(succeeded).toBeGreaterThan(0);
        expect(after.size - before.size).toBe(succeeded);
        expect([...after.values()].every((count) => count === 1)).toBe(true);
      });
      await fc.assert(property, { numRuns: runs, seed, examples: [[[{ kind: 'lost' }]]], endOnFailure: true });
      for (const kind of ['lost', 'repeated', 'late']) {
        const held = 'every operation ended, each effect was had once';
        await reportFault({
          fault: 'wake-ups',
          point: kind,
          database: dialect,
          fired: total[kind] ?? 0,
          lost: 0,
          twice: 0,
          held,
        });
      }
    } finally {
      await server.close();
    }
  }, 240_000);
});
