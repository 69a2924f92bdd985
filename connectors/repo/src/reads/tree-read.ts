import type { ParsedStep, ReadResult, WorkContext } from '@countersign/connector-kit';
import { type Scratch, withScratch } from '../client/scratch.ts';
import { entriesAt, listTree, type TreeEntry, treeOf } from '../client/tree.ts';
import { missing, refused } from '../errors.ts';
import { parentsOf } from '../paths/repo-path.ts';
import { TreeInputs } from '../read-inputs.ts';
import type { RepoTarget } from '../target.ts';
import { cappedLines, firstRows } from './capped-lines.ts';
import { readCommit } from './read-commit.ts';

async function folderTree(scratch: Scratch, commit: string, path: string | undefined): Promise<string> {
  if (path === undefined) return await treeOf(scratch, commit);
  const entries = await entriesAt(scratch, commit, [path, ...parentsOf(path)]);
  const entry = entries.get(path);
  if (entry === undefined) throw missing(`there is no ${path} in the commit`);
  if (entry.type !== 'tree') throw refused(`${path} is not a folder`);
  return entry.oid;
}

function row(entry: TreeEntry): { path: string; type: string; mode: string; oid: string; size_bytes: number | null } {
  const type = entry.mode === '120000' ? 'symlink' : { blob: 'file', tree: 'folder', commit: 'submodule' }[entry.type];
  return { path: entry.path, type, mode: entry.mode, oid: entry.oid, size_bytes: entry.sizeBytes };
}

/** Lists a folder of a commit: first entries in the summary, all of them as JSON lines in the artifact. */
export async function readTree(target: RepoTarget, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const { path, ref, recursive = false } = TreeInputs.parse(step.inputs);
  const from = await readCommit(target, ref, context.signal);
  const listed = await withScratch(from.repository, 'scratch', context.signal, async (scratch) =>
    listTree(scratch, await folderTree(scratch, from.commit, path), recursive),
  );
  const prefix = path === undefined ? '' : `${path}/`;
  const rows = listed
    .map((entry) => row({ ...entry, path: `${prefix}${entry.path}` }))
    .filter((entry) => target.allowlist.allows(entry.path));
  const { content, truncated } = cappedLines(rows, context.outputCapBytes);
  const entries = firstRows(rows, context.outputCapBytes);
  const facts = { count: rows.length, entries, entries_omitted: rows.length - entries.length, truncated };
  return {
    summary: { path: path ?? '', ref: from.ref, commit: from.commit, recursive, ...facts },
    artifacts: [{ name: 'tree.jsonl', mediaType: 'application/jsonl', content, truncated }],
  };
}
