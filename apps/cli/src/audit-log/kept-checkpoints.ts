import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { CodedError, ExportedCheckpoint, readJson, type TrustRoot } from '@countersign/protocol';
import { type ExpectedHead, signedHead } from './verify-log.ts';

const run = promisify(execFile);
const defaultBranch = 'countersign-checkpoints';

function unreadable(from: string, cause: unknown): CodedError {
  return new CodedError(
    'E_VERIFY',
    `${from}: no exported checkpoint`,
    { next: 'a line was changed or cut' },
    { cause },
  );
}

function notesOfFile(path: string, text: string): [from: string, note: string][] {
  if (!text.startsWith('{')) return [[path, text]];
  const lines = text.split('\n');
  if (lines.pop() !== '') throw unreadable(`${path}, line ${lines.length + 1}`, null);
  return lines.map((line, index) => {
    const from = `${path}, line ${index + 1}`;
    try {
      return [from, ExportedCheckpoint.parse(readJson(line)).note];
    } catch (cause) {
      throw unreadable(from, cause);
    }
  });
}

/** Every checkpoint in the history of a sink's branch, oldest first. */
async function notesOfGit(folder: string, branch: string, installation: string): Promise<[string, string][]> {
  const git = async (...args: string[]): Promise<string> => {
    const options = {
      encoding: 'utf8',
      maxBuffer: 256 * 1024 * 1024,
      env: { PATH: process.env['PATH'], LC_ALL: 'C' },
    } as const;
    return (await run('git', ['-C', folder, ...args], options)).stdout;
  };
  const path = `${installation}/checkpoint`;
  let commits: string[];
  try {
    const listed = await git('rev-list', '--reverse', '--end-of-options', `refs/heads/${branch}`, '--', path);
    commits = listed.split('\n').filter((line) => line !== '');
  } catch (cause) {
    const next = 'name the repository of a git sink, or a clone that has its branch';
    throw new CodedError(
      'E_VALIDATION',
      `${folder} has no branch ${branch}`,
      { field: '--checkpoints', next },
      { cause },
    );
  }
  const notes: [string, string][] = [];
  for (const commit of commits)
    notes.push([`${folder}, commit ${commit.slice(0, 12)}`, await git('cat-file', 'blob', `${commit}:${path}`)]);
  return notes;
}

/**
 * The checkpoints that were exported to a file or a git repository, each with its signature checked. E_VERIFY names the
 * first that no trusted key signed; E_VALIDATION when there is none.
 */
export async function keptCheckpoints(
  place: string,
  branch: string | undefined,
  trust: TrustRoot,
): Promise<ExpectedHead[]> {
  const standing = await stat(place).catch((cause: unknown) => {
    throw new CodedError('E_VALIDATION', `cannot read ${place}`, { field: '--checkpoints' }, { cause });
  });
  const notes = standing.isDirectory()
    ? await notesOfGit(place, branch ?? defaultBranch, trust.installation)
    : notesOfFile(place, await readFile(place, 'utf8'));
  if (notes.length === 0)
    throw new CodedError('E_VALIDATION', `${place} holds no checkpoint`, { field: '--checkpoints' });
  const heads: ExpectedHead[] = [];
  for (const [from, note] of notes) heads.push(await signedHead(from, note, trust));
  return heads;
}
