import { setTimeout as sleep } from 'node:timers/promises';
import type { RunningChild } from '@countersign/testing';
import { type Installation, type InstallationOptions, makeInstallation, type People } from './installation.ts';
import { type Load, startLoad } from './load.ts';
import { type Judgement, judge } from './oracle.ts';

/** One kill: which process, where, and at the how-manieth time it comes by. */
export interface Kill {
  readonly point: string;
  readonly pass: number;
}

/** Which process is killed: the whole product in one, or one half of it while the other lives on. */
export type Victim = 'embedded' | 'server' | 'worker';

/** What is played: who is killed where, in which installation. */
export interface RoundPlan extends InstallationOptions {
  readonly victim: Victim;
  readonly kills: readonly Kill[];
}

/** What a round did: a kill counts only where the process died by its own SIGKILL; `elsewhere` are those that were killed on the way, before the point came. */
export interface Round {
  readonly victim: Victim;
  readonly database: 'sqlite' | 'postgres';
  readonly fired: readonly Kill[];
  readonly elsewhere: number;
  readonly judgement: Judgement;
}

const reachMs = 60_000;
const tries = 3;

/** For whoever reads a failure: what has not ended and how it came there, and what the server said. */
async function whatStands({ requester }: People, server: RunningChild): Promise<string> {
  const lines: string[] = [];
  const { operations } = await requester.call('opsList', { query: { limit: 500 } });
  for (const { op_id: subject, display } of operations.filter(({ state }) => state !== 'closed')) {
    const { entries } = await requester.call('audit', { query: { subject, limit: 500 } });
    lines.push(`${subject} is ${display}`);
    for (const { at, event, detail } of entries) lines.push(`  ${at} ${event} ${JSON.stringify(detail)}`);
  }
  return [...lines, server.stderr().slice(-2000)].join('\n');
}

/** The processes of a round. Of workers in processes of their own the next is another one by name: it takes over when the lease is over. */
class Stage {
  readonly #plan: RoundPlan;
  readonly #installation: Installation;
  readonly #people: People;
  readonly #workerTokens: readonly string[];
  #turn = 0;
  #server: RunningChild;
  #worker: RunningChild | null = null;
  #starting = false;
  #ended = false;

  constructor(plan: RoundPlan, installation: Installation, people: People, tokens: string[], server: RunningChild) {
    this.#plan = plan;
    this.#installation = installation;
    this.#people = people;
    this.#workerTokens = tokens;
    this.#server = server;
  }

  get server(): RunningChild {
    return this.#server;
  }

  async nextWorker(crashAt?: string): Promise<RunningChild> {
    this.#turn += 1;
    const name = `worker-${this.#turn % this.#workerTokens.length}`;
    const token = this.#workerTokens[this.#turn % this.#workerTokens.length] ?? this.#people.workerToken;
    this.#worker = await this.#installation.work(token, { name, crashAt });
    return this.#worker;
  }

  async nextServer(crashAt?: string): Promise<RunningChild> {
    this.#server = await this.#installation.serve({ crashAt, worker: this.#plan.victim === 'embedded' });
    return this.#server;
  }

  /** Starts the victim armed, and brings about what its point needs. */
  async arm({ point, pass }: Kill): Promise<RunningChild> {
    const crashAt = `${point}:${pass}`;
    if (this.#plan.victim === 'worker') return await this.nextWorker(crashAt);
    const armed = await this.nextServer(crashAt);
    if (this.#plan.victim !== 'server') return armed;
    // Only a worker that comes or goes makes a server without one of its own register it or take work back.
    if (/^(register|take-back):/.test(point)) {
      await this.#worker?.kill();
      this.#worker = null;
    }
    this.#keepWorker();
    return armed;
  }

  /** A worker that starts while its server is killed gives up; another is started until one stays. */
  #keepWorker(): void {
    if (this.#worker !== null || this.#starting) return;
    this.#starting = true;
    const start = async (): Promise<void> => {
      for (let stays = false; !stays && !this.#ended; ) {
        stays = await this.nextWorker().then(
          () => true,
          () => sleep(100, false),
        );
      }
      this.#starting = false;
    };
    void start();
  }

  /** No worker is started any more. */
  end(): void {
    this.#ended = true;
  }
}

/** What a server takes back at its start is there only when the one before it had begun to seal, or was left by it with a lease. */
const needsBefore: Readonly<Record<string, Kill>> = {
  'seal-take-back:before-commit': { point: 'seal:before-commit', pass: 1 },
  'seal-take-back:after-commit': { point: 'seal:before-commit', pass: 1 },
  'take-back:before-commit': { point: 'claim:after-commit', pass: 1 },
  'take-back:after-commit': { point: 'claim:after-commit', pass: 1 },
};

/** The kills, each after the one that brings about what it strikes. */
export function withWhatIsNeededBefore(kills: readonly Kill[]): Kill[] {
  return kills.flatMap((kill) => [needsBefore[kill.point] ?? [], kill].flat());
}

/** Starts the victim again and again until it has killed itself at the point; one that is not reached in time is killed where it is. */
async function killAt(stage: Stage, kill: Kill, load: Load): Promise<number> {
  for (let elsewhere = 0; elsewhere < tries; elsewhere += 1) {
    const armed = await stage.arm(kill);
    const exit = await Promise.race([armed.exited, sleep(reachMs, null, { ref: false }), load.failed]);
    if (exit?.signal === 'SIGKILL') return elsewhere;
    if (exit !== null)
      throw new Error(`${kill.point}:${kill.pass} ended with ${exit.signal ?? exit.code}\n${armed.stderr()}`);
    await armed.kill();
  }
  throw new Error(`${kill.point}:${kill.pass} was not reached in ${tries} times ${reachMs} ms`);
}

/** Kills one process again and again under load, each time at another point, then judges what is left. */
export async function playRound(plan: RoundPlan): Promise<Round> {
  const { victim, kills } = plan;
  await using installation = await makeInstallation(plan);
  const server = await installation.serve({ worker: victim === 'embedded' });
  const people = await installation.enrol();
  const workers = [people.workerToken, await people.workerNamed('worker-b')];
  const stage = new Stage(plan, installation, people, workers, server);
  const load = startLoad(people, installation.targets, { housekeeping: victim !== 'worker' });
  try {
    if (victim === 'server') await stage.nextWorker();
    if (victim !== 'worker') await server.kill();
    const fired: Kill[] = [];
    let elsewhere = 0;
    for (const kill of withWhatIsNeededBefore(kills)) {
      if (kill.point.startsWith('take-back:')) await sleep(plan.leaseMs ?? 0);
      load.await(kill.point);
      elsewhere += await killAt(stage, kill, load);
      fired.push(kill);
    }
    if (victim === 'worker') await stage.nextWorker();
    else await stage.nextServer();
    await load.finish();
    stage.end();
    const database = plan.databaseUrl === undefined ? 'sqlite' : 'postgres';
    const judgement = await judge(people, installation.targets, load.acknowledged);
    return { victim, database, fired, elsewhere, judgement };
  } catch (cause) {
    stage.end();
    const ask = async () => whatStands(people, await stage.nextServer());
    const stands = await ask().catch((error: unknown) => String(error));
    throw new Error(`${victim}: ${stands}`, { cause });
  }
}
