import type { ReadResult, WorkContext } from '@countersign/connector-kit';
import { branchTip, openRepository, shallowFile } from '../client/repository.ts';
import { ownWorkTree, statusOf, workTreesOn } from '../client/work-tree.ts';
import type { RepoTarget } from '../target.ts';
import { cappedLines, firstRows } from './capped-lines.ts';

/** Shows the branch's commit and what is not committed in the repository's work tree. */
export async function readStatus(target: RepoTarget, context: WorkContext): Promise<ReadResult> {
  const repository = await openRepository(target.ports.exec, target.config.path, context.signal);
  const { branch: ref, branches, allow, deny } = target.config;
  const commit = (await branchTip(repository, ref, context.signal))?.commit ?? null;
  const checkedOut = await workTreesOn(repository, `refs/heads/${ref}`, context.signal);
  const own = await ownWorkTree(repository, context.signal);
  const changes = own === undefined ? [] : await statusOf(own, 'all', context.signal);
  const rows = changes
    .filter((change) => target.allowlist.allows(change.path))
    .map(({ path, state }) => ({ path, state }));
  const { content, truncated } = cappedLines(rows, context.outputCapBytes);
  const clean = rows.every((each) => each.state === '??');
  const workTree = own === undefined ? 'none' : clean ? 'clean' : 'dirty';
  const shown = firstRows(rows, context.outputCapBytes);
  const facts = { count: rows.length, changes: shown, changes_omitted: rows.length - shown.length, truncated };
  return {
    summary: {
      branch: ref,
      branches,
      commit,
      allow,
      deny,
      bare: repository.bare,
      shallow: (await shallowFile(repository)) !== undefined,
      work_tree: workTree,
      checked_out_in: checkedOut.length,
      ...facts,
    },
    artifacts: [{ name: 'status.jsonl', mediaType: 'application/jsonl', content, truncated }],
  };
}
