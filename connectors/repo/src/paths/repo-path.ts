import { z } from 'zod';

const maxPathBytes = 1024;
const maxNameBytes = 255;

// Code points that HFS+ leaves out when it compares names, see git's utf8.c (next_hfs_char).
const hfsIgnored = /[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]/gu;

/** Whether some file system takes the name for git's own folder. */
function namesGitFolder(name: string): boolean {
  const folded = name.replace(hfsIgnored, '').normalize('NFKC').toLowerCase();
  const beforeStream = folded.split(':')[0] ?? '';
  const trimmed = beforeStream.replace(/[. ]+$/, '');
  return trimmed === '.git' || /^git~\d+$/.test(trimmed);
}

function nameProblem(name: string): string | undefined {
  if (name === '') return 'has an empty part (no leading, trailing or double "/")';
  if (name === '.' || name === '..') return `has a "${name}" part`;
  if (namesGitFolder(name)) return 'names the .git folder';
  if (/[. ]$/.test(name)) return 'has a part that ends in a dot or a space';
  if (Buffer.byteLength(name) > maxNameBytes) return `has a part longer than ${maxNameBytes} bytes`;
  return undefined;
}

/** What is wrong with a path below a repository's root, or undefined if it may be used. */
export function pathProblem(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (!path.isWellFormed()) return 'is not valid Unicode';
  if (Buffer.byteLength(path) > maxPathBytes) return `is longer than ${maxPathBytes} bytes`;
  if (path.includes('\\')) return 'has a backslash';
  if (path.startsWith('-')) return 'begins with "-"';
  // Control and invisible characters would let a shown path differ from the real one.
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(path)) return 'has a control or invisible character';
  if (/^[A-Za-z]:/.test(path)) return 'begins with a drive letter';
  for (const name of path.split('/')) {
    const problem = nameProblem(name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

/** A relative POSIX path that means the same file on every file system and never git's own. */
export const RepoPath = z.string().superRefine((path, context) => {
  const problem = pathProblem(path);
  if (problem !== undefined) context.addIssue({ code: 'custom', message: `the path ${problem}` });
});

/** The folders above a path, outermost first. */
export function parentsOf(path: string): string[] {
  const names = path.split('/');
  return names.slice(1).map((_name, index) => names.slice(0, index + 1).join('/'));
}
