import { randomUUID } from 'node:crypto';
import { connect, httpWorkerPort } from '@countersign/client';
import { localExec } from '@countersign/connector-kit';
import { repoConnector } from '@countersign/connector-repo';
import { type OperationView, uuidOfRunId } from '@countersign/protocol';
import { Worker } from '@countersign/runner';
import { createTestDatabase, reportFault, waitUntil } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { bundledEntry } from '../crash/bundled.ts';
import { type CrashTarget, type Installation, makeInstallation, type People } from '../crash/installation.ts';
import type { Acknowledged } from '../crash/load.ts';
import { effectsIn, judge } from '../crash/oracle.ts';
import { type Call, faultyConnector, type Mode, modes, type Trap } from './faulty-target.ts';

/** What bounds a hang; the others get time enough on a busy machine. */
const hangBoundMs = 6000;
const otherwiseMs = 60_000;
/** Of a change of two steps: plan, observe, then before, apply and verify of each. */
const callsOfAChange = 8;
const firstApply = 4;

interface Round {
  readonly what: 'change' | 'read';
  readonly wrong: ReadonlyMap<number, Mode>;
}

/** Every call of a change and of a read in every mode, and every way to read back an apply that failed. */
const rounds: readonly Round[] = modes.flatMap((mode) => [
  ...Array.from(
    { length: callsOfAChange },
    (_, index): Round => ({ what: 'change', wrong: new Map([[index + 1, mode]]) }),
  ),
  { what: 'read', wrong: new Map([[1, mode]]) },
  { what: 'change', wrong: new Map([...[[firstApply, 'works, then fails'] as const], [firstApply + 1, mode]]) },
]);

async function startWorker(
  installation: Installation,
  target: CrashTarget,
  token: string,
  trap: Trap,
): Promise<Worker> {
  const worker = new Worker({
    ...{ name: 'faulty', instance: randomUUID(), version: '0' },
    port: httpWorkerPort(connect({ url: installation.url, token })),
    connectors: [
      faultyConnector(repoConnector, trap, [...trap.wrong.values()].includes('hangs') ? hangBoundMs : otherwiseMs),
    ],
    targets: [{ name: target.name, connector: 'repo', config: { path: target.repository } }],
    ports: { exec: localExec, now: () => Date.now() },
    faults: { hit: () => undefined },
    slots: { run: 4, look: 4 },
    onError: () => undefined,
  });
  await worker.start();
  return worker;
}

async function ask(
  { requester }: People,
  target: CrashTarget,
  what: Round['what'],
  seen: Acknowledged,
): Promise<string> {
  const requestId = randomUUID();
  const own = { target: target.name, request_id: requestId };
  const file = (path: string) => ({ files: [{ path, content: `${requestId}\n` }], message: `write ${path}` });
  const steps = ['a.txt', 'b.txt'].map((path) => ({ action: 'repo.write_files', inputs: file(path) }));
  const read = { ...own, action: 'repo.tree', inputs: {}, wait_ms: 0 };
  const { op_id: opId } =
    what === 'read'
      ? await requester.call('actionExecute', { body: read })
      : await requester.call('opsPlan', { body: { ...own, steps, start: 'when_allowed' }, preferWaitSeconds: 0 });
  seen.proposals.push({ requestId, opId });
  return opId;
}

/** Follows an operation to its end. A doubt that nobody can read back now is resolved by a person who looked at the repository. */
async function ended({ requester, approver }: People, target: CrashTarget, opId: string): Promise<OperationView> {
  const params = { op_id: opId };
  const look = async (): Promise<OperationView | false> => {
    const view = await requester.call('opsGet', { params });
    if (view.run?.state === 'outcome_unknown' && view.run.failure?.code === 'E_TIMEOUT') {
      const step = view.run.steps.find(({ state }) => state === 'unknown');
      const { entries } = await requester.call('audit', {
        query: { subject: opId, event: 'run.reconciled', limit: 5 },
      });
      if (step !== undefined && entries.length > 0) {
        const had = effectsIn(target.repository).has(`${uuidOfRunId(view.run.run_id)}.${step.index}`);
        const outcome = had ? 'applied' : 'not_applied';
        await approver.call('opsResolve', { params, body: { outcome, reason: 'looked' } }).catch(() => undefined);
      }
    }
    return view.state === 'closed' && view;
  };
  return await waitUntil(`${opId} ends`, look, { timeoutMs: 90_000, intervalMs: 100 });
}

describe.each(['sqlite', 'postgres'] as const)('[%s]', (database) => {
  it('any call of a connector may fail, hang, or do its work and then fail (promises 1, 2, 4)', async () => {
    await using postgres = database === 'postgres' ? await createTestDatabase() : null;
    const entry = await bundledEntry();
    const databaseUrl = postgres?.connectionString;
    await using installation = await makeInstallation({ entry, leaseMs: 15_000, databaseUrl, tier: 'dev' });
    await installation.serve({ worker: false });
    const people = await installation.enrol();
    const seen: Acknowledged = { proposals: [], decisions: [], starts: [], cancels: [], tokens: new Map() };
    const fired = new Map<string, number>();
    const waiting = [...rounds];
    const lane = async (target: CrashTarget): Promise<void> => {
      for (let round = waiting.shift(); round !== undefined; round = waiting.shift()) {
        const trap: Trap = { wrong: round.wrong, calls: [], fired: [] };
        const token = await people.workerNamed(`faulty-${randomUUID()}`);
        const worker = await startWorker(installation, target, token, trap);
        const view = await ended(people, target, await ask(people, target, round.what, seen));
        await worker.stop();
        expect(trap.fired.length, JSON.stringify([...round.wrong])).toBe(round.wrong.size);
        for (const { call, mode } of trap.fired) fired.set(`${call} ${mode}`, (fired.get(`${call} ${mode}`) ?? 0) + 1);
        expect(view.run?.state ?? 'no run').not.toBe('outcome_unknown');
      }
    };
    await Promise.all(installation.targets.map(lane));
    const judgement = await judge(people, installation.targets, seen);
    expect(judgement.operations).toBe(rounds.length);
    const calls: readonly Call[] = ['plan', 'observe', 'before', 'apply', 'verify', 'reconcile', 'read'];
    for (const call of calls)
      for (const mode of modes) {
        const point = `${call} ${mode}`;
        const held = 'it ended in time; what was in doubt was read back or resolved';
        await reportFault({
          fault: 'nth-connector-call',
          point,
          database,
          fired: fired.get(point) ?? 0,
          lost: 0,
          twice: 0,
          held,
        });
      }
  }, 300_000);
});
