import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { makeTempFolder } from '../temp/temp-folder.ts';

const execute = promisify(execFile);

/** A real git repository in a temporary folder. */
export interface GitRepository extends Disposable {
  readonly path: string;
  /** Runs git in the repository and returns its output without the last line end. */
  git(...args: string[]): Promise<string>;
  /** Writes the files (path to content), commits everything and returns the commit's id. */
  commit(files: Readonly<Record<string, string>>, message?: string): Promise<string>;
  remove(): void;
}

// The machine's own git settings and the wall clock stay out, so that the same files give the same commit ids.
const environment = {
  PATH: process.env['PATH'] ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Test Author',
  GIT_AUTHOR_EMAIL: 'author@example.test',
  GIT_AUTHOR_DATE: '2026-01-01T00:00:00Z',
  GIT_COMMITTER_NAME: 'Test Author',
  GIT_COMMITTER_EMAIL: 'author@example.test',
  GIT_COMMITTER_DATE: '2026-01-01T00:00:00Z',
};

/** Makes a git repository with one commit on `main` that holds the files (path to content). */
export async function makeGitRepository(files: Readonly<Record<string, string>> = {}): Promise<GitRepository> {
  const folder = makeTempFolder();
  const path = folder.path;
  const git = async (...args: string[]) => {
    const { stdout } = await execute('git', ['-C', path, ...args], { env: environment, maxBuffer: 64 * 1024 * 1024 });
    return stdout.replace(/\n$/, '');
  };
  const commit = async (changed: Readonly<Record<string, string>>, message = 'change') => {
    for (const [name, content] of Object.entries(changed)) {
      await mkdir(dirname(join(path, name)), { recursive: true });
      await writeFile(join(path, name), content);
    }
    await git('add', '--all');
    await git('commit', '--quiet', '--allow-empty', '--no-verify', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  await git('init', '--quiet', '--initial-branch=main');
  await commit(files, 'start');
  return { path, git, commit, remove: folder.remove, [Symbol.dispose]: folder.remove };
}
