import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ConnectorError } from '@countersign/connector-kit';
import { type GitAnswer, type GitCall, runGit } from './git.ts';
import { inRepository, type Repository } from './repository.ts';

/** A work tree that has the branch checked out. */
export interface WorkTree {
  readonly repository: Repository;
  readonly path: string;
  /** Settings that switch the repository's filter programs off. */
  readonly env: Readonly<Record<string, string>>;
}

/** One line of `git status`. */
export interface StatusChange {
  readonly path: string;
  /** Two letters, index and work tree, as in `git status --porcelain=v2`; `??` untracked, `UU`-like unmerged. */
  readonly state: string;
}

async function inWorkTree(tree: WorkTree, call: Omit<GitCall, 'cwd'>): Promise<GitAnswer> {
  return await runGit(tree.repository.exec, {
    ...call,
    args: [`--work-tree=${tree.path}`, ...call.args],
    cwd: tree.path,
    env: { ...tree.env, GIT_CEILING_DIRECTORIES: dirname(tree.path), ...call.env },
  });
}

/** A work tree whose filter drivers are all set to do nothing; a linked one may have settings of its own. */
async function openWorkTree(repository: Repository, path: string, signal: AbortSignal): Promise<WorkTree> {
  const tree = { repository, path, env: {} };
  const { text } = await inWorkTree(tree, {
    what: 'read the settings',
    args: ['config', '--null', '--name-only', '--get-regexp', '^filter\\.'],
    accept: [0, 1],
    signal,
  });
  const names = [...new Set(text.split('\0').filter((name) => name !== ''))];
  const env: Record<string, string> = { GIT_CONFIG_COUNT: String(names.length) };
  for (const [index, name] of names.entries()) {
    env[`GIT_CONFIG_KEY_${index}`] = name;
    env[`GIT_CONFIG_VALUE_${index}`] = name.endsWith('.required') ? 'false' : '';
  }
  return { repository, path, env };
}

/** The work trees, main and linked, in which the ref is checked out. */
export async function workTreesOn(repository: Repository, ref: string, signal: AbortSignal): Promise<WorkTree[]> {
  const { text } = await inRepository(repository, {
    what: 'list the work trees',
    args: ['worktree', 'list', '--porcelain', '-z'],
    signal,
  });
  const paths: string[] = [];
  for (const block of text.split('\0\0')) {
    const lines = block.split('\0');
    const path = lines.find((line) => line.startsWith('worktree '))?.slice('worktree '.length);
    const gone = lines.some((line) => line === 'bare' || line.startsWith('prunable'));
    if (path !== undefined && !gone && lines.includes(`branch ${ref}`)) paths.push(path);
  }
  return await Promise.all(paths.map((path) => openWorkTree(repository, path, signal)));
}

/** The repository's own work tree, whatever is checked out in it; undefined if it is bare. */
export async function ownWorkTree(repository: Repository, signal: AbortSignal): Promise<WorkTree | undefined> {
  if (repository.bare) return undefined;
  return await openWorkTree(repository, repository.root, signal);
}

/** What differs from the checked-out commit. */
export async function statusOf(tree: WorkTree, untracked: 'no' | 'all', signal?: AbortSignal): Promise<StatusChange[]> {
  const { text } = await inWorkTree(tree, {
    what: 'compare the work tree',
    // Submodules are not entered: their own settings could run programs.
    args: [
      'status',
      '--porcelain=v2',
      '-z',
      `--untracked-files=${untracked}`,
      '--ignore-submodules=all',
      '--no-renames',
    ],
    ...(signal === undefined ? {} : { signal }),
  });
  const changes: StatusChange[] = [];
  for (const line of text.split('\0')) {
    const fields = line.split(' ');
    const kind = fields[0];
    if (kind === '?') changes.push({ path: line.slice(2), state: '??' });
    // Fields before the path: 8 in an ordinary line, 10 in an unmerged one.
    if (kind === '1') changes.push({ path: fields.slice(8).join(' '), state: fields[1] ?? '' });
    if (kind === 'u') changes.push({ path: fields.slice(10).join(' '), state: fields[1] ?? '' });
  }
  return changes;
}

const lockTries = 30;
const lockPauseMs = 100;

/** A command that needs the index: an editor that refreshes it holds its lock for a moment. */
async function withIndex(tree: WorkTree, call: Omit<GitCall, 'cwd'>): Promise<GitAnswer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await inWorkTree(tree, { ...call, accept: [0, 1, 128] });
    if (answer.code === 0 || tries === lockTries || !answer.stderr.includes('index.lock')) return answer;
    await sleep(lockPauseMs);
  }
}

/** Whether index and files are exactly those of a commit. */
export async function isExactly(tree: WorkTree, commit: string, signal: AbortSignal): Promise<boolean> {
  const plain = ['--quiet', '--no-ext-diff', '--no-textconv', '--no-renames'];
  const call = { what: 'compare the work tree', accept: [0, 1], signal };
  const index = ['diff-index', '--cached', ...plain, '--ignore-submodules=dirty', commit, '--'];
  if ((await inWorkTree(tree, { ...call, args: index })).code !== 0) return false;
  // A file whose times alone differ is no other file.
  await withIndex(tree, { what: 'refresh the index', args: ['update-index', '-q', '--refresh'], signal });
  const files = ['diff-files', ...plain, '--ignore-submodules=all', '--'];
  return (await inWorkTree(tree, { ...call, args: files })).code === 0;
}

const moveTimeoutMs = 60_000;

/** Whether the work tree can be moved to another commit without losing anything; changes nothing but file times kept in the index. */
export async function canMove(tree: WorkTree, from: string, to: string, signal: AbortSignal): Promise<boolean> {
  await withIndex(tree, { what: 'refresh the index', args: ['update-index', '-q', '--refresh'], signal });
  const { code } = await withIndex(tree, {
    what: 'try the checkout',
    args: ['read-tree', '--no-recurse-submodules', '-n', '-m', '-u', from, to],
    signal,
  });
  return code === 0;
}

/** Moves index and files to another commit; git refuses as a whole where a file was changed meanwhile. Never throws. */
export async function moveWorkTree(
  tree: WorkTree,
  from: string,
  to: string,
): Promise<{ updated: boolean; why: string }> {
  try {
    const { code, stderr } = await withIndex(tree, {
      what: 'check the commit out',
      args: ['read-tree', '--no-recurse-submodules', '-m', '-u', from, to],
      timeoutMs: moveTimeoutMs,
    });
    return { updated: code === 0, why: code === 0 ? '' : (stderr.split('\n')[0] ?? '').slice(0, 300) };
  } catch (error) {
    if (error instanceof ConnectorError) return { updated: false, why: error.message };
    throw error;
  }
}
