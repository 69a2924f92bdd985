import type { Token } from '@countersign/kernel';
import { expect, it } from 'vitest';
import { withSession } from '../fixture/with-session.ts';
import { readStanding } from './read-standing.ts';

const token: Token = {
  id: '00000000-0000-7000-8000-0000000000f1',
  hash: 'hash',
  name: 'worker',
  kind: 'worker',
  role: 'worker',
  grants: [],
  groups: [],
  scopes: null,
  principal: 'worker:worker',
  root: 'carol',
  ai: false,
  parent: null,
  createdAt: 1,
  expiresAt: null,
  revokedAt: null,
  lastUsedAt: null,
  useCount: 0,
  steppedUpAt: null,
};

it('a worker that is silent is told for as long as it has a credential, and one without is not missed (DO-14)', () =>
  withSession(async ({ context: own, bench: { clock } }) => {
    const context = { ...own, settings: { ...own.settings, workerSilenceMs: 1000, version: '1' } };
    const workers = async () => (await readStanding(context)).workers;
    expect(await workers()).toEqual([{ worker: 'worker', live: true, skewed: false, silentMs: 0 }]);
    clock.advance(2000);
    expect(await workers()).toEqual([]);
    await context.store.write((unit) => unit.tokens.insert(token));
    expect(await workers()).toEqual([{ worker: 'worker', live: false, skewed: false, silentMs: 2000 }]);
    await context.store.write((unit) => unit.tokens.save({ ...token, revokedAt: clock.now() }));
    expect(await workers()).toEqual([]);
  }));

it("an agent's queue is told as its target's: whose agent it is stays out, and what lost its target has no connector", () =>
  withSession(async ({ context }) => {
    const queued = (id: string, target: string) => ({
      ...{ id, kind: 'run' as const, subjectId: 's', target, state: 'queued' as const, attempt: 0, fence: 0 },
      ...{ leaseWorker: null, leaseInstance: null, leaseExpiresAt: null, runAfter: 0, payload: null },
      createdAt: context.clock.now(),
    });
    await context.store.write(async (unit) => {
      await unit.jobs.insert(queued('j1', 'dev-1'));
      await unit.jobs.insert(queued('j2', 'gone/ann/coder'));
    });
    const { jobs, targets, panic } = await readStanding(context);
    expect(jobs).toEqual([
      { kind: 'run', target: 'dev-1', connector: 'fake', count: 1, oldestMs: 0 },
      { kind: 'run', target: 'gone', connector: 'none', count: 1, oldestMs: 0 },
    ]);
    expect(targets.map(({ target, status }) => `${target} ${status}`)).toEqual([
      'dev-1 ready',
      'stage-1 ready',
      'prod-1 ready',
    ]);
    expect(panic).toBe(false);
  }));
