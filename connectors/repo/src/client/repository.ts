import { access, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Exec } from '@countersign/connector-kit';
import { ConnectorError } from '@countersign/connector-kit';
import { missing, unreachable } from '../errors.ts';
import { type GitAnswer, type GitCall, runGit } from './git.ts';

/** A repository that was found where the settings say, and nowhere above. */
export interface Repository {
  readonly exec: Exec;
  /** Real path of the work tree's root or of the bare repository. */
  readonly root: string;
  /** Folder of refs and objects, shared by linked work trees. */
  readonly commonDir: string;
  readonly objectsDir: string;
  readonly objectFormat: 'sha1' | 'sha256';
  readonly bare: boolean;
}

/** Where a branch is. */
export interface BranchTip {
  readonly ref: string;
  readonly commit: string;
}

async function realFolder(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw unreachable('the repository folder does not exist or cannot be read', cause);
  }
}

/** Finds the repository at exactly this path. */
export async function openRepository(exec: Exec, path: string, signal: AbortSignal): Promise<Repository> {
  const root = await realFolder(path);
  const { text } = await runGit(exec, {
    what: 'find the repository',
    args: [
      'rev-parse',
      '--path-format=absolute',
      '--git-common-dir',
      '--git-path',
      'objects',
      '--is-bare-repository',
      '--show-object-format',
    ],
    cwd: root,
    env: { GIT_CEILING_DIRECTORIES: dirname(root) },
    signal,
  }).catch((error: unknown) => {
    if (error instanceof ConnectorError && error.code === 'E_TARGET_REFUSED') {
      throw unreachable('the folder is not a git repository', error);
    }
    throw error;
  });
  const [commonDir, objectsDir, bare, format] = text.trimEnd().split('\n');
  if (commonDir === undefined || objectsDir === undefined) throw unreachable('git does not say where the objects are');
  if (bare !== 'true' && root === commonDir) throw unreachable('the folder is a .git folder: give its work tree');
  return {
    exec,
    root,
    commonDir,
    objectsDir,
    objectFormat: format === 'sha256' ? 'sha256' : 'sha1',
    bare: bare === 'true',
  };
}

/** Runs a command on the repository's own refs; its settings apply but for what `runGit` overrides. */
export async function inRepository(repository: Repository, call: Omit<GitCall, 'cwd'>): Promise<GitAnswer> {
  return await runGit(repository.exec, {
    ...call,
    cwd: repository.root,
    args: [`--git-dir=${repository.commonDir}`, ...call.args],
  });
}

/** Reads a ref by its full name; undefined if there is none. */
export async function readRef(repository: Repository, ref: string, signal?: AbortSignal): Promise<string | undefined> {
  const { text } = await inRepository(repository, {
    what: 'read the ref',
    args: ['for-each-ref', '--format=%(refname)%00%(objectname)', '--', ref],
    ...(signal === undefined ? {} : { signal }),
  });
  for (const line of text.split('\n')) {
    const [name, oid] = line.split('\0');
    if (name === ref && oid !== undefined) return oid;
  }
  return undefined;
}

/** The branch's commit; undefined if the branch does not exist (yet). */
export async function branchTip(
  repository: Repository,
  branch: string,
  signal?: AbortSignal,
): Promise<BranchTip | undefined> {
  const ref = `refs/heads/${branch}`;
  const commit = await readRef(repository, ref, signal);
  return commit === undefined ? undefined : { ref, commit };
}

/** The commit of a branch, tag, `HEAD` or object id. Throws E_TARGET_MISSING naming it. */
export async function commitOf(repository: Repository, name: string, signal: AbortSignal): Promise<string> {
  const { code, text } = await inRepository(repository, {
    what: 'find the commit',
    args: ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`],
    accept: [0, 1, 128],
    signal,
  });
  const oid = text.trim();
  if (code !== 0 || oid === '') throw missing(`there is no commit ${name} in the repository`);
  return oid;
}

/** Path of the file that lists where a shallow history ends, if the repository is shallow. */
export async function shallowFile(repository: Repository): Promise<string | undefined> {
  const path = join(repository.commonDir, 'shallow');
  return await access(path).then(
    () => path,
    () => undefined,
  );
}
