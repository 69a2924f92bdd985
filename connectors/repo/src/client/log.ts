import type { Scratch } from './scratch.ts';

/** Which commits are listed. */
export interface LogQuery {
  readonly commit: string;
  readonly path: string | undefined;
  readonly since: string | undefined;
  readonly limit: number;
}

/** Who did it, and when as ISO 8601 with the offset they had. */
export interface LogPerson {
  readonly name: string;
  readonly email: string;
  readonly at: string;
}

/** One commit of a listing. */
export interface LogEntry {
  readonly commit: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: LogPerson;
  readonly committer: LogPerson;
  readonly message: string;
}

const fields = ['%H', '%T', '%P', '%an', '%ae', '%aI', '%cn', '%ce', '%cI', '%B'];

/** Lists commits, newest first. */
export async function listCommits(scratch: Scratch, query: LogQuery): Promise<LogEntry[]> {
  const { commit, path, since, limit } = query;
  const { text } = await scratch.git({
    what: 'read the history',
    args: [
      'log',
      '-z',
      `--format=${fields.join('%x00')}`,
      `--max-count=${limit}`,
      ...(since === undefined ? [] : [`--since-as-filter=${since}`]),
      ...['--end-of-options', commit, '--'],
      ...(path === undefined ? [] : [path]),
    ],
  });
  const values = text.split('\0');
  const entries: LogEntry[] = [];
  for (let at = 0; at + fields.length <= values.length; at += fields.length) {
    const [id = '', tree = '', parents = '', ...rest] = values.slice(at, at + fields.length);
    const [an = '', ae = '', aI = '', cn = '', ce = '', cI = '', message = ''] = rest;
    entries.push({
      commit: id,
      tree,
      parents: parents.split(' ').filter(Boolean),
      author: { name: an, email: ae, at: aI },
      committer: { name: cn, email: ce, at: cI },
      message: message.trimEnd(),
    });
  }
  return entries;
}
