import type { ParsedStep, ReadResult, WorkContext } from '@countersign/connector-kit';
import { changedPaths, patchBytes } from '../client/diff.ts';
import { firstParent } from '../client/history.ts';
import { commitOf } from '../client/repository.ts';
import { type Scratch, withScratch } from '../client/scratch.ts';
import { emptyTree, treeOf } from '../client/tree.ts';
import { DiffInputs } from '../read-inputs.ts';
import type { RepoTarget } from '../target.ts';
import { firstRows } from './capped-lines.ts';
import { type ReadCommit, readCommit } from './read-commit.ts';

const maxPaths = 1000;

async function fromTree(scratch: Scratch, to: ReadCommit, from: string | undefined): Promise<string> {
  if (from !== undefined) return await treeOf(scratch, from);
  const parent = await firstParent(scratch, to.commit);
  return parent === undefined ? await emptyTree(scratch) : await treeOf(scratch, parent);
}

/** Compares two commits: changed paths in the summary, the exact patch as the artifact. */
export async function readDiff(target: RepoTarget, step: ParsedStep, context: WorkContext): Promise<ReadResult> {
  const { from, to, paths } = DiffInputs.parse(step.inputs);
  const { signal, outputCapBytes } = context;
  const end = await readCommit(target, to, signal);
  const start = from === undefined ? undefined : await commitOf(end.repository, from, signal);
  return await withScratch(end.repository, 'scratch', signal, async (scratch) => {
    const trees = [await fromTree(scratch, end, start), await treeOf(scratch, end.commit)] as const;
    const changed = await changedPaths(scratch, ...trees);
    const asked = (path: string) =>
      paths === undefined || paths.some((each) => path === each || path.startsWith(`${each}/`));
    const rows = changed
      .filter(({ path }) => target.allowlist.allows(path) && asked(path))
      .map(({ path, status }) => ({ path, status }));
    const some = rows.slice(0, maxPaths).map(({ path }) => path);
    const options = { paths: some, maxBytes: outputCapBytes, binary: true };
    const nothing = { bytes: new Uint8Array(), truncated: false };
    const patch = some.length === 0 ? nothing : await patchBytes(scratch, ...trees, options);
    const truncated = patch.truncated || rows.length > some.length;
    const files = firstRows(rows, outputCapBytes);
    const facts = { count: rows.length, files, files_omitted: rows.length - files.length, truncated };
    return {
      summary: { from: start ?? null, to: end.commit, ...facts },
      artifacts: [{ name: 'diff.patch', mediaType: 'text/x-diff', content: patch.bytes, truncated }],
    };
  });
}
