import type { ParsedStep, ReadResult, WorkContext } from '@countersign/connector-kit';
import { grep } from '../client/grep.ts';
import { withScratch } from '../client/scratch.ts';
import { refused } from '../errors.ts';
import { SearchInputs } from '../read-inputs.ts';
import type { RepoTarget } from '../target.ts';
import { cappedLines, firstRows } from './capped-lines.ts';
import { readCommit } from './read-commit.ts';

const defaultLimit = 1000;
const maxTextLength = 500;
const maxFoundBytes = 64 * 1024 * 1024;

/** Searches the text files of a commit: first lines in the summary, all of them as JSON lines in the artifact. */
export async function readSearch(target: RepoTarget, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const inputs = SearchInputs.parse(step.inputs);
  const { query, regex = false, ignore_case: ignoreCase = false, path, limit = defaultLimit } = inputs;
  if (path !== undefined && !target.allowlist.allows(path)) throw refused(`${path} is outside the allowed paths`);
  const from = await readCommit(target, inputs.ref, context.signal);
  const found = await withScratch(from.repository, 'scratch', context.signal, (scratch) =>
    grep(scratch, { commit: from.commit, pattern: query, regex, ignoreCase, path, maxBytes: maxFoundBytes }),
  );
  const allowed = found.hits.filter((hit) => target.allowlist.allows(hit.path));
  const rows = allowed.slice(0, limit).map(({ text, ...hit }) => {
    const cut = text.length > maxTextLength;
    return { ...hit, text: cut ? text.slice(0, maxTextLength) : text, ...(cut ? { cut } : {}) };
  });
  const { content, truncated: capped } = cappedLines(rows, context.outputCapBytes);
  const truncated = found.truncated || allowed.length > limit || capped;
  const hits = firstRows(rows, context.outputCapBytes);
  const files = new Set(rows.map((hit) => hit.path)).size;
  const facts = { count: rows.length, files, hits, hits_omitted: rows.length - hits.length, truncated };
  return {
    summary: { query, regex, ignore_case: ignoreCase, path: path ?? '', ref: from.ref, commit: from.commit, ...facts },
    artifacts: [{ name: 'search.jsonl', mediaType: 'application/jsonl', content, truncated }],
  };
}
