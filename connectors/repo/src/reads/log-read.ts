import type { ParsedStep, ReadResult, WorkContext } from '@countersign/connector-kit';
import { type LogEntry, listCommits } from '../client/log.ts';
import { withScratch } from '../client/scratch.ts';
import { refused } from '../errors.ts';
import { LogInputs } from '../read-inputs.ts';
import type { RepoTarget } from '../target.ts';
import { cappedLines, firstRows } from './capped-lines.ts';
import { readCommit } from './read-commit.ts';

const defaultLimit = 100;

function row({ commit, tree, parents, author, committer, message }: LogEntry) {
  const subject = message.split('\n')[0] ?? '';
  return { commit, tree, parents: [...parents], author: { ...author }, committer: { ...committer }, subject, message };
}

/** Lists commits: first ones in the summary, all of them with their messages as JSON lines in the artifact. */
export async function readLog(target: RepoTarget, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const { path, ref, limit = defaultLimit, since } = LogInputs.parse(step.inputs);
  if (path !== undefined && !target.allowlist.allows(path)) throw refused(`${path} is outside the allowed paths`);
  const from = await readCommit(target, ref, context.signal);
  const found = await withScratch(from.repository, 'scratch', context.signal, (scratch) =>
    listCommits(scratch, { commit: from.commit, path, since, limit: limit + 1 }),
  );
  const rows = found.slice(0, limit).map(row);
  const { content, truncated: capped } = cappedLines(rows, context.outputCapBytes);
  const truncated = capped || found.length > limit;
  const commits = firstRows(
    rows.map(({ message: _message, ...rest }) => rest),
    context.outputCapBytes,
  );
  const facts = { count: rows.length, commits, commits_omitted: rows.length - commits.length, truncated };
  return {
    summary: { path: path ?? '', ref: from.ref, commit: from.commit, ...facts },
    artifacts: [{ name: 'log.jsonl', mediaType: 'application/jsonl', content, truncated }],
  };
}
