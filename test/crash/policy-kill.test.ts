import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from '@countersign/client';
import { waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { askUntilDead } from './ask-until-dead.ts';
import { bundledEntry } from './bundled.ts';
import { policyPoints } from './crash-points.ts';
import { type Installation, makeInstallation, type People } from './installation.ts';
import { verifiedAudit } from './proof.ts';
import { reportKills } from './report-kills.ts';

const timesEach = Number(process.env['COUNTERSIGN_POLICY_KILLS'] ?? '1');
const place = { project: 'crash', environment: 'target-0' };

/** What one kill knows: who asks, the operation that waits in prod, and a number that no other has. */
interface Round {
  readonly people: People;
  readonly number: number;
  readonly opId: string;
  readonly digest: string;
  /** Policies that no server has seen; read at the next start. */
  changePolicies(): void;
  /** A provider of models that no server has seen, by the number of the round. */
  addProvider(): void;
}

/** An action that comes by a point: what it wants before, what is asked of the server that dies, and what must hold after. */
interface Act {
  prepare?(round: Round): Promise<void>;
  /** While no server runs. */
  edit?(round: Round): void;
  ask(round: Round): Promise<unknown>;
  /** What stands, and what the log says of it; both or neither. */
  stands(round: Round): Promise<{ readonly done: boolean; readonly event: string; readonly subject: string }>;
  /** Whether it is done in the end by itself, because the next start goes on with it. */
  readonly goesOn?: boolean;
}

/** A change in prod that waits for an approval. */
async function waiting(
  { requester, admin, approver }: People,
  number: number,
): Promise<{ opId: string; digest: string }> {
  const inputs = { files: [{ path: 'a.txt', content: `${number}\n` }], message: `change ${number}` };
  const body = { target: 'target-0', steps: [{ action: 'repo.write_files', inputs }] };
  const { op_id: opId } = await requester.call('opsPlan', { body });
  const params = { op_id: opId };
  const planned = await waitUntil('it is planned', async () => {
    const view = await requester.call('opsGet', { params });
    return view.state === 'planned' && view;
  });
  for (const who of [admin, approver]) await who.call('opsGet', { params });
  return { opId, digest: planned.plan?.digest ?? '' };
}

async function proveFresh(admin: Client): Promise<void> {
  const { file } = await admin.call('stepUpHost', { body: {} });
  await admin.call('stepUp', { body: { method: 'host', code: readFileSync(file, 'utf8').trim() } });
}

const breakIt = ({ people, opId, digest, number }: Round) =>
  people.admin.call('opsBreakGlass', { params: { op_id: opId }, body: { digest, reason: `fire ${number}` } });
const broken = async ({ people, opId }: Round) =>
  (await people.admin.call('breakGlassList', { query: { open: 'false' } })).break_glass.find(
    (each) => each.op_id === opId,
  );
const nothing = async (): Promise<void> => undefined;

const acts: Readonly<Record<string, Act>> = {
  policy: {
    goesOn: true,
    edit: (round) => round.changePolicies(),
    ask: nothing,
    async stands({ people }) {
      const { version } = await people.admin.call('policyShow');
      return { done: true, event: 'policy.changed', subject: version };
    },
  },
  redecide: {
    goesOn: true,
    edit: (round) => round.changePolicies(),
    ask: nothing,
    async stands({ people, opId }) {
      const params = { op_id: opId };
      const { version } = await people.admin.call('policyShow');
      await waitUntil('the sweep has been here', async () => {
        const { verdict } = await people.requester.call('opsGet', { params });
        return verdict?.policy_set === version;
      });
      return { done: true, event: 'operation.redecided', subject: `${opId} ${version}` };
    },
  },
  freeze: {
    ask: ({ people, number }) =>
      people.admin.call('freezeSet', { body: { ...place, frozen: true, reason: `sale ${number}` } }),
    async stands({ people, number }) {
      const { freezes } = await people.admin.call('freezeList');
      const done = freezes.some(({ reason }) => reason === `sale ${number}`);
      if (done) await people.admin.call('freezeSet', { body: { ...place, frozen: false, reason: 'over' } });
      return { done, event: 'freeze.set', subject: `sale ${number}` };
    },
  },
  provider: {
    edit: (round) => round.addProvider(),
    ask: ({ people, number }) => people.admin.call('providerSwitch', { body: { active: `round-${number}` } }),
    async stands({ people, number }) {
      const { active } = await people.admin.call('providerList');
      return { done: active === `round-${number}`, event: 'provider.switched', subject: `round-${number}` };
    },
  },
  'break-glass': {
    prepare: ({ people }) => proveFresh(people.admin),
    ask: breakIt,
    async stands(round) {
      const { run } = await round.people.admin.call('opsGet', { params: { op_id: round.opId } });
      const done = (await broken(round)) !== undefined;
      expect(run !== null, 'the word and the run that it allows').toBe(done);
      return { done, event: 'break_glass.used', subject: round.opId };
    },
  },
  review: {
    async prepare(round) {
      await proveFresh(round.people.admin);
      await breakIt(round);
      await waitUntil('it ran', async () => {
        const { state } = await round.people.admin.call('opsGet', { params: { op_id: round.opId } });
        return state === 'closed';
      });
    },
    ask: ({ people, opId }) =>
      people.approver.call('opsBreakGlassReview', {
        params: { op_id: opId },
        body: { finding: 'justified', comment: 'it burned' },
      }),
    async stands(round) {
      const done = (await broken(round))?.review != null;
      return { done, event: 'break_glass.reviewed', subject: round.opId };
    },
  },
};

/** How often the log tells of what was done. */
async function told({ people, number }: Round, event: string, subject: string): Promise<number> {
  const entries = await verifiedAudit(people.admin, await people.admin.call('trust'));
  return entries.filter((entry) => {
    if (entry.event !== event) return false;
    const { detail } = entry;
    const names = [entry.subject.id, `${entry.subject.id} ${detail['policy_set']}`, detail['to'], detail['reason']];
    return names.includes(subject) || detail['reason'] === `sale ${number}`;
  }).length;
}

async function killedAt(point: string, installation: Installation, people: People, number: number): Promise<void> {
  const act = acts[point.split(':')[0] ?? ''];
  if (act === undefined) throw new Error(`nothing comes by ${point}`);
  let server = await installation.serve();
  const round: Round = {
    people,
    number,
    ...(await waiting(people, number)),
    changePolicies() {
      const text = `@id("own") @reason("Two, says round ${number}.") @obligation("approve:2")
forbid (principal, action in Action::"mutate", resource)
when { context.phase == Phase::"run" && resource.tier == Tier::"prod" && !context.break_glass }
unless { context.approvals >= 2 };\n`;
      writeFileSync(join(installation.folder, 'policies', 'own.cedar'), text);
    },
    addProvider() {
      const path = join(installation.folder, 'countersign.yaml');
      const named = `providers: { named: { round-${number}: { type: gemini, model: m } } }`;
      const written = readFileSync(path, 'utf8');
      const changed = written.replace(/^providers: .*$/m, named);
      if (changed === written) throw new Error('the configuration has no providers');
      writeFileSync(path, changed);
    },
  };
  await act.prepare?.(round);
  await server.kill();
  act.edit?.(round);
  const victim = await installation.serve({ crashAt: `${point}:1` });
  await askUntilDead(installation.url, () => act.ask(round), victim.exited, point);
  expect(await victim.exited, `${point}: ${victim.stderr()}`).toEqual({ code: null, signal: 'SIGKILL' });
  server = await installation.serve();
  const { done, event, subject } = await act.stands(round);
  expect(done, point).toBe(act.goesOn === true || point.endsWith('after-commit'));
  expect(await told(round, event, subject), `${point}: ${event}`).toBe(done ? 1 : 0);
  await server.kill();
}

it('policies, freezes, broken glass and the active provider stand whole after a kill at every point of theirs, and are told of once (promise 4)', async () => {
  const settings = 'policies: { folder: ./policies }\nproviders: {}\n';
  await using installation = await makeInstallation({
    targets: 1,
    tier: 'prod',
    entry: await bundledEntry(),
    settings,
  });
  mkdirSync(join(installation.folder, 'policies'));
  const first = await installation.serve();
  const people = await installation.enrol();
  await first.kill();
  let number = 0;
  for (let time = 0; time < timesEach; time += 1)
    for (const point of policyPoints) {
      number += 1;
      const began = performance.now();
      await killedAt(point, installation, people, number);
      process.stdout.write(`${point}: ${Math.round(performance.now() - began)} ms\n`);
    }
  expect(number).toBe(12 * timesEach);
  const held = 'done whole and told of once, or not at all; a sweep goes on at the next start';
  await reportKills({ points: policyPoints, of: 'server', times: timesEach, held });
}, 600_000);
