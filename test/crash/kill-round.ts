import type { RunningChild } from '@countersign/testing';
import { makeInstallation, type People } from './installation.ts';
import { startLoad } from './load.ts';
import { type Judgement, judge } from './oracle.ts';

/** One kill: which process, where, and at the how-manieth time it comes by. */
export interface Kill {
  readonly point: string;
  readonly pass: number;
}

/** Which process is killed: the whole product in one, or one half of it while the other lives on. */
export type Victim = 'embedded' | 'server' | 'worker';

/** What a round did: a kill counts only where the process died by its own SIGKILL. */
export interface Round {
  readonly victim: Victim;
  readonly fired: readonly Kill[];
  readonly judgement: Judgement;
}

const reachMs = 45_000;

/** Waits until the armed process has killed itself. A point that is not reached is a failure. */
async function died(child: RunningChild, { point, pass }: Kill, failed: Promise<never>): Promise<void> {
  const timer = AbortSignal.timeout(reachMs);
  const late = new Promise<never>((_, reject) => {
    timer.addEventListener('abort', () => reject(new Error(`${point}:${pass} was not reached\n${child.stderr()}`)));
  });
  const exit = await Promise.race([child.exited, late, failed]);
  if (exit.signal !== 'SIGKILL')
    throw new Error(`${point}:${pass} ended with ${exit.signal ?? exit.code}\n${child.stderr()}`);
}

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

/** Kills one process again and again under load, each time at another point, then judges what is left. */
export async function playRound(victim: Victim, kills: readonly Kill[]): Promise<Round> {
  await using installation = await makeInstallation();
  let server = await installation.serve({ worker: victim === 'embedded' });
  const people = await installation.enrol();
  const load = startLoad(people, installation.targets);
  try {
    if (victim === 'server') await installation.work(people.workerToken);
    if (victim !== 'worker') await server.kill();
    const fired: Kill[] = [];
    for (const kill of kills) {
      const crashAt = `${kill.point}:${kill.pass}`;
      const armed =
        victim === 'worker'
          ? await installation.work(people.workerToken, { crashAt })
          : await installation.serve({ crashAt, worker: victim === 'embedded' });
      if (victim !== 'worker') server = armed;
      await died(armed, kill, load.failed);
      fired.push(kill);
    }
    if (victim === 'worker') await installation.work(people.workerToken);
    else server = await installation.serve({ worker: victim === 'embedded' });
    await load.finish();
    return { victim, fired, judgement: await judge(people.requester, installation.targets, load.acknowledged) };
  } catch (cause) {
    const stands = await whatStands(people, server).catch((error: unknown) => String(error));
    throw new Error(`${victim}: ${stands}`, { cause });
  }
}
