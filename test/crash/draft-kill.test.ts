import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, connect } from '@countersign/client';
import { Fence } from '@countersign/protocol';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { askUntilDead } from './ask-until-dead.ts';
import { bundledEntry } from './bundled.ts';
import { draftPoints } from './crash-points.ts';
import { type Installation, makeInstallation, type People } from './installation.ts';
import { verifiedAudit } from './proof.ts';
import { reportKills } from './report-kills.ts';

const timesEach = Number(process.env['COUNTERSIGN_DRAFT_KILLS'] ?? '1');

/** What one round knows: who asks, and a name that nobody else has. */
interface Round {
  readonly name: string;
  readonly admin: Client;
  readonly target: string;
  /** What `prepare` made. */
  readonly made: Map<string, string>;
}

interface Act {
  prepare?(round: Round): Promise<void>;
  ask(round: Round): Promise<unknown>;
  holds(round: Round, committed: boolean): Promise<void>;
}

const draft = async ({ admin, name, made }: Round): Promise<void> => {
  made.set('draft', (await admin.call('draftCreate', { body: { prompt: name } })).id);
};
const params = ({ made }: Round) => ({ draft_id: made.get('draft') ?? '' });
const generate = ({ admin, name }: Round) =>
  admin.call('draftGenerate', { body: { prompt: name, request_id: `generate-${name}` } });

/** However often it is asked, one key is one draft, and it ends: written, or with why it is not. */
async function generatedOnce(round: Round): Promise<void> {
  const { admin, name } = round;
  const ids = new Set([(await generate(round)).id, (await generate(round)).id]);
  expect(ids.size).toBe(1);
  for (const draft_id of ids) {
    const ended = await waitUntil(`${name} is not written any more`, async () => {
      const view = await admin.call('draftGet', { params: { draft_id } });
      return view.status !== 'generating' && view;
    });
    expect(ended).toMatchObject({ status: 'error', error: { code: 'E_PROVIDER_NO_MODEL' } });
  }
  const { drafts } = await admin.call('draftList', { query: { limit: 500 } });
  expect(drafts.filter(({ prompt }) => prompt === name).length).toBe(1);
}

/** An instruction that was approved, started and handed over to the administrator's own agent. */
async function handedOver(round: Round): Promise<void> {
  await draft(round);
  const { admin, made } = round;
  await admin.call('draftApprove', { params: params(round), body: {} });
  await admin.call('runCreate', { body: { approved_id: `a_${params(round).draft_id.slice(2)}` } });
  const { dispatch } = await admin.call('dispatchClaim', { body: { wait_ms: 5000 } });
  if (dispatch === null) throw new Error('nothing was handed over');
  made.set('run', dispatch.run_id);
  made.set('lease', JSON.stringify(dispatch.lease));
}

const finish = ({ admin, made }: Round) =>
  admin.call('dispatchFinish', {
    params: { run_id: made.get('run') ?? '' },
    body: { lease: Fence.parse(JSON.parse(made.get('lease') ?? '{}')), result: 'succeeded' },
  });

const group = ({ admin, target, made }: Round) => {
  const action = { action: 'repo.write_files', target, inputs: { message: 'x', files: [{ path: 'x', content: 'x' }] } };
  const keys = ['one', 'two'].map((key) => made.get(key) ?? '');
  return admin.call('groupPropose', { body: { actions: keys.map((request_id) => ({ ...action, request_id })) } });
};

const acts: Readonly<Record<string, Act>> = {
  'decide-draft': {
    prepare: draft,
    ask: (round) => round.admin.call('draftApprove', { params: params(round), body: {} }),
    async holds(round, committed) {
      const { status } = await round.admin.call('draftGet', { params: params(round) });
      expect(status).toBe(committed ? 'approved' : 'draft');
    },
  },
  'dispatch-finish': {
    prepare: handedOver,
    ask: finish,
    async holds(round, committed) {
      const status = async () =>
        (await round.admin.call('runLog', { params: { run_id: round.made.get('run') ?? '' } })).status;
      expect(await status()).toBe(committed ? 'done' : 'running');
      // Whoever did not hear the answer says it again, under the lease that it had.
      expect((await finish(round)).state).toBe('succeeded');
      expect(await status()).toBe('done');
    },
  },
  'task-plan': {
    ask: ({ admin, name }) => admin.call('taskPlanPut', { body: { title: name, tasks: [] } }),
    async holds({ admin, name }, committed) {
      const standing = await admin.call('taskPlanGet').then(
        ({ title }) => title,
        () => 'none',
      );
      expect(standing === name).toBe(committed);
    },
  },
  draft: { ask: generate, holds: generatedOnce },
  'generate-claim': { ask: generate, holds: generatedOnce },
  generate: { ask: generate, holds: generatedOnce },
  group: {
    async prepare({ made }) {
      for (const key of ['one', 'two']) made.set(key, randomUUID());
    },
    ask: group,
    async holds(round) {
      const first = await group(round);
      expect(first.op_ids.length).toBe(2);
      expect((await group(round)).op_ids).toEqual(first.op_ids);
      const { operations } = await round.admin.call('groupGet', { params: { group_id: first.group_id } });
      expect(operations.map(({ op_id }) => op_id)).toEqual(first.op_ids);
    },
  },
};

async function killedAt(point: string, installation: Installation, people: People, number: number): Promise<void> {
  const act = acts[point.split(':')[0] ?? ''];
  if (act === undefined) throw new Error(`nothing comes by ${point}`);
  const [target] = installation.targets;
  const round: Round = { name: `draft-${number}`, admin: people.admin, target: target?.name ?? '', made: new Map() };
  let server = await installation.serve();
  await act.prepare?.(round);
  await server.kill();
  const victim = await installation.serve({ crashAt: `${point}:1` });
  await askUntilDead(installation.url, () => act.ask(round), victim.exited, point);
  expect(await victim.exited, `${point}: ${victim.stderr()}`).toEqual({ code: null, signal: 'SIGKILL' });
  server = await installation.serve();
  await act.holds(round, point.endsWith('after-commit'));
  await server.kill();
}

it('drafts, what providers write, groups and the task list stand whole after a kill at every point (promise 4)', async () => {
  await using installation = await makeInstallation({ targets: 1, tier: 'stage', entry: await bundledEntry() });
  const first = await installation.serve();
  const people = await installation.enrol();
  await first.kill();
  let number = 0;
  for (let time = 0; time < timesEach; time += 1)
    for (const point of draftPoints) {
      number += 1;
      await killedAt(point, installation, people, number);
    }
  const last = await installation.serve();
  const token = readFileSync(join(installation.dataDir, 'admin.token'), 'utf8').trim();
  const admin = connect({ url: installation.url, token });
  const entries = await verifiedAudit(admin, await admin.call('trust'));
  // What was asked of a provider ended once, however often its server died.
  const failed = entries.filter(({ event }) => event === 'draft.generation_failed').map(({ subject }) => subject.id);
  expect(new Set(failed).size).toBe(failed.length);
  await last.kill();
  await reportKills({ points: draftPoints, of: 'server', times: timesEach, held: 'drafts stand whole, or not at all' });
}, 600_000);
