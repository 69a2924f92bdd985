import { randomUUID } from 'node:crypto';
import { type Client, connect, httpWorkerPort } from '@countersign/client';
import { manifestOf } from '@countersign/connector-kit';
import { repoConnector } from '@countersign/connector-repo';
import type { Fence, JobKind, OperationView, WorkerPort } from '@countersign/protocol';
import type { RunningChild } from '@countersign/testing';
import { expect, it } from 'vitest';
import { bundledEntry } from './bundled.ts';
import { doubtPoints } from './crash-points.ts';
import { type Installation, makeInstallation, type People } from './installation.ts';
import { reportKills } from './report-kills.ts';
import { isRefused, untilAnswered } from './until-answered.ts';

const timesEach = 5;
const target = 'target-0';
/** A plan whose step shows nothing would not run. */
const played = { step: 0, path: 'file.txt', summary: 'played', patch: '+played\n' };

/** A worker that is played by the test: it leaves one step in doubt, and reads back when it is asked. */
class PlayedWorker {
  readonly #port: WorkerPort;
  readonly #own = { worker: 'played', instance: randomUUID() };
  constructor(url: string, token: string) {
    this.#port = httpWorkerPort(connect({ url, token }));
  }

  async register(): Promise<void> {
    const targets = [{ name: target, connector: 'repo', status: 'ready', message: '' } as const];
    const manifests = [manifestOf(repoConnector)];
    await untilAnswered(() => this.#port.register({ ...this.#own, version: '0', targets, manifests }));
  }

  async #claim(kind: JobKind): Promise<Fence> {
    for (;;) {
      const request = { ...this.#own, kinds: [kind], wait_ms: 2000 };
      const job = await untilAnswered(() => this.#port.claim(request, AbortSignal.timeout(20_000)));
      if (job !== null) return { job_id: job.job_id, fence: job.fence, instance: this.#own.instance };
    }
  }

  async plan(): Promise<void> {
    const fence = await this.#claim('plan');
    const result = {
      ...{ identity: 'played', preconditions: [], diffs: [played], checks: [], volatile: [] },
      rollback: { possible: false as const, reason: 'played' },
    };
    await this.#port.complete(fence, { kind: 'plan', result });
  }

  async leaveInDoubt(): Promise<void> {
    const fence = await this.#claim('run');
    await this.#port.recordIntent(fence, { index: 0, before: null, guard: null });
    const failure = { code: 'E_TIMEOUT', message: 'played' };
    await this.#port.recordOutcome(fence, { index: 0, outcome: 'unknown', after: null, guard: null, failure });
    await this.#port.complete(fence, { kind: 'run', result: 'unknown', artifacts: [] });
  }

  /** Answers whether the server said that it had heard. */
  async readBack(): Promise<boolean> {
    const fence = await this.#claim('reconcile');
    const found = { kind: 'reconcile', index: 0, result: 'applied', after: null, guard: null } as const;
    return await this.#port.complete(fence, found).then(
      () => true,
      () => false,
    );
  }

  async verify(): Promise<void> {
    const fence = await this.#claim('run');
    await this.#port.recordOutcome(fence, { index: 0, outcome: 'verified', after: null, guard: null });
    await this.#port.complete(fence, { kind: 'run', result: 'succeeded', artifacts: [] });
  }
}

const view = (client: Client, opId: string): Promise<OperationView> =>
  untilAnswered(() => client.call('opsGet', { params: { op_id: opId } }));

async function eventsOf(client: Client, subject: string): Promise<string[]> {
  const { entries } = await client.call('audit', { query: { subject, limit: 500 } });
  return entries.map(({ event }) => event);
}

async function inDoubt({ requester }: People, worker: PlayedWorker): Promise<string> {
  const inputs = { files: [{ path: 'file.txt', content: randomUUID() }], message: 'in doubt' };
  const steps = [{ action: 'repo.write_files', inputs }];
  const body = { target, steps, start: 'when_allowed' } as const;
  const { op_id: opId } = await requester.call('opsPlan', { body, preferWaitSeconds: 0 });
  await worker.plan();
  await worker.leaveInDoubt();
  expect((await view(requester, opId)).run?.state).toBe('outcome_unknown');
  return opId;
}

async function killedAt(
  point: string,
  installation: Installation,
  people: People,
  old: RunningChild,
): Promise<RunningChild> {
  const worker = new PlayedWorker(installation.url, await people.workerNamed(`played-${randomUUID()}`));
  await worker.register();
  const opId = await inDoubt(people, worker);
  await old.kill();
  const victim = await installation.serve({ crashAt: `${point}:1`, worker: false });
  await view(people.requester, opId);
  const byPerson = point.startsWith('resolve:');
  const body = { outcome: 'applied', reason: 'looked' } as const;
  const resolve = () => people.approver.call('opsResolve', { params: { op_id: opId }, body });
  if (byPerson) await expect(resolve()).rejects.toMatchObject({ status: 0 });
  else expect(await worker.readBack()).toBe(false);
  expect(await victim.exited).toEqual({ code: null, signal: 'SIGKILL' });

  const next = await installation.serve({ worker: false });
  const committed = point.endsWith('after-commit');
  const { run } = await view(people.requester, opId);
  const once = byPerson ? 'succeeded' : 'running';
  expect(run?.state, point).toBe(committed ? once : 'outcome_unknown');
  if (byPerson) {
    const again = await resolve().catch((error: unknown) => error);
    if (committed) expect(isRefused(again, 'E_STATE')).toBe(true);
  } else {
    if (!committed) expect(await worker.readBack()).toBe(true);
    await worker.verify();
  }
  const ended = await view(people.requester, opId);
  expect(ended.run?.state).toBe('succeeded');
  expect(ended.run?.steps.map(({ state }) => state)).toEqual(['verified']);
  const events = await eventsOf(people.requester, opId);
  for (const event of ['step.intent', byPerson ? 'run.resolved' : 'run.reconciled', 'run.succeeded'])
    expect(
      events.filter((known) => known === event),
      event,
    ).toHaveLength(1);
  return next;
}

it('a doubt is cleared once, whether the server is killed before or after it wrote that down (promise 2)', async () => {
  await using installation = await makeInstallation({ targets: 1, entry: await bundledEntry() });
  let server = await installation.serve({ worker: false });
  const people = await installation.enrol();
  for (let time = 0; time < timesEach; time += 1)
    for (const point of doubtPoints) server = await killedAt(point, installation, people, server);
  const held = 'said once, ended once';
  await reportKills({ points: doubtPoints, of: 'server', times: timesEach, held });
}, 600_000);
