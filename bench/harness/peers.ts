import { type ChildProcess, fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const folder = join(import.meta.dirname, '..', 'peers');
const Ready = z.object({ ready: z.literal(true) });
const Rate = z.object({ rate: z.number() });

/** A system that is measured beside ours, in a process of its own. */
export interface Peer extends AsyncDisposable {
  /** How often a second so many clients get their work done, each so many times, one after the other. */
  rate(clients: number, each: number): Promise<number>;
}

/** Installs the peers the first time one is needed: they are large, and nothing else needs them. */
export function installPeers(): void {
  if (existsSync(join(folder, 'node_modules'))) return;
  console.error('Installing the peers into bench/peers (about 250 MB, once) …');
  const npm = process.env['npm_execpath'];
  const install = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  const [program, args] = npm === undefined ? ['npm', install] : [process.execPath, [npm, ...install]];
  const { status } = spawnSync(program, args, { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] });
  if (status !== 0) throw new Error('The peers cannot be installed: npm ci failed in bench/peers.');
}

/** Where a file of an installed peer is. */
export function peerFile(...path: string[]): string {
  return join(folder, 'node_modules', ...path);
}

/** Starts a file of `bench/peers` and waits until it is ready. */
export async function startPeer(file: string, args: readonly string[]): Promise<Peer> {
  installPeers();
  const child = fork(join(folder, file), [...args], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  Ready.parse(await message(child));
  return {
    async rate(clients, each) {
      child.send({ clients, each });
      return Rate.parse(await message(child)).rate;
    },
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit');
      child.disconnect();
      await gone;
    },
  };
}

async function message(child: ChildProcess): Promise<unknown> {
  const done = new AbortController();
  const options = { signal: done.signal };
  const gone = once(child, 'exit', options).then(() => Promise.reject(new Error('The peer ended too early.')));
  try {
    const [answer] = await Promise.race([once(child, 'message', options), gone]);
    return answer;
  } finally {
    done.abort();
    gone.catch(() => {});
  }
}
