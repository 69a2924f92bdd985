import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Client, connect } from '@countersign/client';
import { enrolmentMessage, toBase64 } from '@countersign/evidence';
import { createSigner, generateSigningKey } from '@countersign/evidence/node';
import type { EnrolRequest } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { Browser } from '../e2e/harness/browser.ts';
import { askUntilDead } from './ask-until-dead.ts';
import { bundledEntry } from './bundled.ts';
import { peoplePoints } from './crash-points.ts';
import { type Installation, makeInstallation, type People } from './installation.ts';
import { verifiedAudit } from './proof.ts';
import { reportKills } from './report-kills.ts';

const timesEach = Number(process.env['COUNTERSIGN_PEOPLE_KILLS'] ?? '1');
const password = 'correct horse battery';
/** Half a minute: so long a session may be idle, and a quarter of it until a use is written down. */
const settings = 'sign_in: { session_idle_minutes: 0.5 }\n';
const untilNotedMs = 8000;

/** What one round knows: a server that runs, and a name that nobody else has. */
interface Round {
  readonly name: string;
  readonly browser: Browser;
  readonly admin: Client;
  readonly dataDir: string;
  /** Changes rows while no server runs, as time would. */
  edit(sql: string): void;
}

/** An action that comes by a point: what it wants beforehand, what is asked of the server that dies, and what must hold afterwards. */
interface Act {
  prepare?(round: Round): Promise<void>;
  /** Before the server starts that dies. */
  edit?(round: Round): void;
  ask(round: Round): Promise<unknown>;
  holds(round: Round, committed: boolean): Promise<void>;
}

const grants = [{ role: 'viewer', project: '*', environment: '*' }] as const;
const invite = async ({ admin, name }: Round): Promise<string> => {
  const made = await admin.call('inviteCreate', { body: { name, grants: [...grants], groups: [] } });
  return made.link.split('#invite=')[1] ?? '';
};
const register = ({ browser }: Round, secret: string) =>
  browser.post('/v1/auth/register', { invite: secret, password });
const join_ = async (round: Round): Promise<void> => {
  expect((await register(round, await invite(round))).status).toBe(201);
};
const personOf = async ({ admin, name }: Round) =>
  (await admin.call('peopleList')).people.find((person) => person.name === name);
const sessionsOf = async ({ admin, name }: Round) =>
  (await admin.call('personSessions', { params: { name } })).sessions;
const login = ({ browser, name }: Round) =>
  browser.raw({ method: 'POST', path: '/v1/auth/login', body: { name, password } });

const links = new Map<string, string>();
const codes = new Map<string, string>();
const later = { project: 'later', environment: 'dev', connector: 'repo' } as const;
const joining = new Map<string, EnrolRequest>();

const enrolment = ({ admin, name: worker }: Round) =>
  admin.call('enrolmentCreate', { body: { worker, targets: ['*'], actions: ['*'] } });
/** What a worker sends to join, with a fresh key. */
function joinRequest(secret: string): EnrolRequest {
  const signer = createSigner(generateSigningKey(), 'countersign/worker');
  const publicKey = toBase64(signer.publicKey);
  return { secret, public_key: publicKey, proof: toBase64(signer.sign(enrolmentMessage(secret, publicKey))) };
}
const joins = ({ admin, name }: Round, body = joining.get(name)) =>
  body === undefined ? Promise.reject(new Error('nothing to join with')) : admin.call('workerEnrol', { body });

const acts: Readonly<Record<string, Act>> = {
  target: {
    async prepare(round) {
      joining.set(round.name, joinRequest((await enrolment(round)).secret));
      await joins(round);
    },
    ask: ({ admin, name }) =>
      admin.call('targetAdd', { body: { ...later, name: `t-${name}`, worker: name, settings: { path: '/srv' } } }),
    async holds({ admin, name }, committed) {
      const { targets } = await admin.call('targets');
      expect(targets.some((target) => target.name === `t-${name}`)).toBe(committed);
      const again = admin.call('targetAdd', { body: { ...later, name: `t-${name}`, worker: name, settings: {} } });
      if (committed) await expect(again).rejects.toMatchObject({ code: 'E_STATE' });
      else await expect(again).resolves.toMatchObject({ revision: 1 });
    },
  },
  enrolment: {
    ask: enrolment,
    async holds({ admin, name }, committed) {
      const standing = (await admin.call('enrolmentList')).enrolments.filter(({ worker }) => worker === name);
      expect(standing.map(({ state }) => state)).toEqual(committed ? ['open'] : []);
    },
  },
  enrol: {
    prepare: async (round) => void joining.set(round.name, joinRequest((await enrolment(round)).secret)),
    ask: (round) => joins(round),
    async holds(round, committed) {
      const { workers } = await round.admin.call('workerList');
      expect(workers.some(({ worker }) => worker === round.name)).toBe(committed);
      // Whoever was not told asks again with the same key; nobody else joins by that secret any more.
      await expect(joins(round)).resolves.toMatchObject({ worker: round.name });
      const other = joinRequest(joining.get(round.name)?.secret ?? '');
      await expect(joins(round, other)).rejects.toMatchObject({ code: 'E_ENROLMENT_INVALID' });
    },
  },
  invite: {
    ask: invite,
    async holds({ admin, name }, committed) {
      const standing = (await admin.call('inviteList')).invites.filter((each) => each.name === name);
      expect(standing.map(({ state }) => state)).toEqual(committed ? ['open'] : []);
    },
  },
  'invite-expire': {
    prepare: async (round) => void (await invite(round)),
    edit: ({ edit, name }) => edit(`update invite set expires_at = 1 where name = '${name}'`),
    ask: async () => undefined,
    async holds({ admin, name }) {
      const standing = (await admin.call('inviteList')).invites.filter((each) => each.name === name);
      expect(standing.map(({ state }) => state)).toEqual(['expired']);
    },
  },
  redeem: {
    async prepare(round) {
      links.set(round.name, await invite(round));
    },
    ask: (round) => register(round, links.get(round.name) ?? ''),
    async holds(round, committed) {
      expect((await personOf(round)) !== undefined).toBe(committed);
      const again = await register(round, links.get(round.name) ?? '');
      expect(again.status).toBe(committed ? 404 : 201);
      expect((await login(round)).status, 'one way or the other they are in, once').toBe(200);
    },
  },
  person: {
    prepare: join_,
    ask: ({ admin, name }) => admin.call('personDisable', { params: { name }, body: {} }),
    async holds(round, committed) {
      expect((await personOf(round))?.state).toBe(committed ? 'disabled' : 'active');
      if (committed) expect(await sessionsOf(round)).toEqual([]);
    },
  },
  'sign-in': {
    async prepare(round) {
      await join_(round);
      await round.browser.post('/v1/auth/logout', {});
    },
    ask: login,
    async holds(round, committed) {
      expect(await sessionsOf(round)).toHaveLength(committed ? 1 : 0);
      expect(round.browser.session, 'whoever was not told has no session').toBe('');
    },
  },
  'sign-in-state': {
    ask: ({ browser }) => browser.post('/v1/auth/passkey/begin'),
    async holds({ browser }) {
      expect((await browser.post('/v1/auth/passkey/begin')).status).toBe(200);
    },
  },
  'sign-in-tidy': {
    prepare: async ({ browser }) => void (await browser.post('/v1/auth/passkey/begin')),
    edit: ({ edit }) => edit('update sign_in_state set expires_at = 1'),
    ask: async () => undefined,
    async holds({ browser }) {
      expect((await browser.post('/v1/auth/passkey/begin')).status).toBe(200);
    },
  },
  'sign-out': {
    prepare: join_,
    // The token against forged requests is asked for first; the server dies at the sign-out.
    ask: ({ browser }) => browser.post('/v1/auth/logout', { everywhere: true }),
    async holds(round, committed) {
      expect(await sessionsOf(round)).toHaveLength(committed ? 0 : 1);
    },
  },
  'session-uses': {
    prepare: join_,
    async ask({ browser }) {
      await sleep(untilNotedMs);
      await browser.get('/v1/whoami');
    },
    async holds(round) {
      expect(await personOf(round)).toMatchObject({ state: 'active' });
    },
  },
  'step-up': {
    async prepare({ admin, name }) {
      const { file } = await admin.call('stepUpHost', { body: {} });
      codes.set(name, readFileSync(file, 'utf8').trim());
    },
    ask: ({ admin, name }) => admin.call('stepUp', { body: { method: 'host', code: codes.get(name) ?? '' } }),
    async holds({ admin, name }, committed) {
      const { stepped_up_at: at } = await admin.call('stepUpGet');
      if (committed) expect(at).toBeGreaterThan(Date.now() - 60_000);
      const again = admin.call('stepUp', { body: { method: 'host', code: codes.get(name) ?? '' } });
      await expect(again, 'a code counts once, whatever became of it').rejects.toMatchObject({
        code: 'E_STEP_UP_FAILED',
      });
    },
  },
  factor: {
    async prepare(round) {
      await join_(round);
      await round.browser.post('/v1/step-up', { method: 'password', password });
    },
    ask: ({ browser }) => browser.post('/v1/account/totp'),
    async holds(round) {
      // A secret that was never confirmed is asked for by nobody.
      expect((await login(round)).status).toBe(200);
      expect((await personOf(round))?.proofs.totp).toBe(false);
    },
  },
};

async function killedAt(point: string, installation: Installation, people: People, number: number): Promise<void> {
  const act = acts[point.split(':')[0] ?? ''];
  if (act === undefined) throw new Error(`nothing comes by ${point}`);
  const { url, dataDir } = installation;
  const round: Round = {
    name: `p${number}`,
    browser: new Browser(url, `127.3.0.${1 + (number % 250)}`),
    admin: people.admin,
    dataDir,
    edit(sql) {
      const database = new DatabaseSync(join(dataDir, 'countersign.db'));
      database.exec(sql);
      database.close();
    },
  };
  let server = await installation.serve({ worker: false });
  await act.prepare?.(round);
  await server.kill();
  act.edit?.(round);
  const victim = await installation.serve({ worker: false, crashAt: `${point}:1` });
  await askUntilDead(url, () => act.ask(round), victim.exited, point);
  expect(await victim.exited, `${point}: ${victim.stderr()}`).toEqual({ code: null, signal: 'SIGKILL' });
  server = await installation.serve({ worker: false });
  await act.holds(round, point.endsWith('after-commit'));
  await server.kill();
}

it('who may come in and who is in stands whole after a kill at every point of signing in (promise 4)', async () => {
  await using installation = await makeInstallation({ targets: 1, entry: await bundledEntry(), settings });
  const first = await installation.serve({ worker: false });
  const people = await installation.enrol();
  await first.kill();
  let number = 0;
  for (let time = 0; time < timesEach; time += 1)
    for (const point of peoplePoints) {
      number += 1;
      const began = performance.now();
      await killedAt(point, installation, people, number);
      process.stdout.write(`${point}: ${Math.round(performance.now() - began)} ms\n`);
    }
  const last = await installation.serve({ worker: false });
  const admin = connect({
    url: installation.url,
    token: readFileSync(join(installation.dataDir, 'admin.token'), 'utf8').trim(),
  });
  const entries = await verifiedAudit(admin, await admin.call('trust'));
  // Each link that let somebody in is in the log once, and lets in one.
  const redeemed = entries.filter(({ event }) => event === 'invite.redeemed').map(({ subject }) => subject.id);
  expect(new Set(redeemed).size).toBe(redeemed.length);
  const { people: standing } = await admin.call('peopleList');
  expect(standing.length).toBe(redeemed.length);
  await last.kill();
  const held = 'a person, a session and a link stand whole, or not at all';
  await reportKills({ points: peoplePoints, of: 'server', times: timesEach, held });
}, 600_000);
