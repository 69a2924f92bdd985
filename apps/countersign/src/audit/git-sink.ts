import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { CheckpointSink } from '@countersign/engine';

export interface GitSinkOptions {
  readonly name: string;
  readonly everyMs: number;
  readonly installation: string;
  /** An existing repository, bare or not. */
  readonly repository: string;
  /** A branch of its own. */
  readonly branch: string;
  /** Remote to push the branch to after each commit; null for none. */
  readonly push: string | null;
  /** Milliseconds since the epoch. */
  now(): number;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Where in the tree the newest checkpoint of an installation stands; the branch's history holds all of them. */
export function checkpointPath(installation: string): string {
  return `${installation}/checkpoint`;
}

interface GitCall {
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  readonly signal: AbortSignal;
}

/** Runs git on the sink's repository: no shell, no hooks, no questions, no configuration of the system. */
function gitOf({ repository, env }: GitSinkOptions) {
  return (args: readonly string[], call: GitCall): Promise<string> =>
    new Promise((resolve, reject) => {
      const child = execFile(
        'git',
        ['-C', repository, '-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', ...args],
        {
          encoding: 'utf8',
          timeout: 45_000,
          signal: call.signal,
          maxBuffer: 4 * 1024 * 1024,
          env: {
            PATH: env['PATH'],
            HOME: env['HOME'],
            SSH_AUTH_SOCK: env['SSH_AUTH_SOCK'],
            LC_ALL: 'C',
            GIT_TERMINAL_PROMPT: '0',
            GIT_CONFIG_NOSYSTEM: '1',
            ...call.env,
          },
        },
        (error, stdout, stderr) => {
          if (error === null) return resolve(stdout.trim());
          const said = stderr.trim().split('\n').at(-1) ?? '';
          reject(new Error(`git ${args[0]}: ${said === '' ? error.message.split('\n')[0] : said}`, { cause: error }));
        },
      );
      child.stdin?.on('error', () => undefined);
      child.stdin?.end(call.input ?? '');
    });
}

/** A commit per checkpoint on a branch of its own, made without touching a work tree; then, if told so, a push. */
export function gitSink(options: GitSinkOptions): CheckpointSink {
  const { name, everyMs, installation, branch, push } = options;
  const git = gitOf(options);
  const ref = `refs/heads/${branch}`;
  const path = checkpointPath(installation);

  async function commit(note: string, size: number, signal: AbortSignal): Promise<void> {
    const parent = await git(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], { signal }).catch(() => '');
    const standing =
      parent === '' ? null : await git(['cat-file', 'blob', `${parent}:${path}`], { signal }).catch(() => null);
    if (standing === note.trim()) return;
    const folder = await mkdtemp(join(tmpdir(), 'countersign-index-'));
    try {
      const env = { GIT_INDEX_FILE: join(folder, 'index') };
      if (parent !== '') await git(['read-tree', parent], { env, signal });
      const blob = await git(['hash-object', '-w', '--stdin'], { input: note, signal });
      await git(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env, signal });
      const tree = await git(['write-tree'], { env, signal });
      const at = `${Math.floor(options.now() / 1000)} +0000`;
      const who = { NAME: 'countersign', EMAIL: `countersign@${installation}.invalid`, DATE: at };
      const identity = Object.fromEntries(
        Object.entries(who).flatMap(([key, value]) => [
          [`GIT_AUTHOR_${key}`, value],
          [`GIT_COMMITTER_${key}`, value],
        ]),
      );
      const parents = parent === '' ? [] : ['-p', parent];
      const message = `checkpoint of ${installation} at ${size} entries`;
      const made = await git(['commit-tree', tree, ...parents, '-m', message], { env: identity, signal });
      // Compare and set: of two servers that export at once, one is told and tries again.
      await git(['update-ref', ref, made, parent === '' ? '0'.repeat(made.length) : parent], { signal });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  return {
    name,
    kind: 'git',
    everyMs,
    async keep(checkpoint, signal) {
      await refuseCheckedOut(signal);
      await commit(checkpoint.note, checkpoint.treeSize, signal);
      if (push !== null) await git(['push', '--quiet', '--no-verify', '--', push, `${ref}:${ref}`], { signal });
    },
  };

  async function refuseCheckedOut(signal: AbortSignal): Promise<void> {
    const bare = await git(['rev-parse', '--is-bare-repository'], { signal });
    const head = await git(['symbolic-ref', '--quiet', 'HEAD'], { signal }).catch(() => '');
    if (bare === 'false' && head === ref) throw new Error(`the branch ${branch} is checked out; name another one`);
  }
}
