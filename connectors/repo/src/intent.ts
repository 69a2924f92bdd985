import { createHash } from 'node:crypto';
import type { ParsedStep, WorkContext } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import { z } from 'zod';
import { Problems } from './change/checks.ts';
import { buildStep } from './change/step-change.ts';
import { requestOf } from './change-inputs.ts';
import { openRepository } from './client/repository.ts';
import { withScratch } from './client/scratch.ts';
import { snapshotFolder } from './client/snapshots.ts';
import { treeOf } from './client/tree.ts';
import { missing, refused } from './errors.ts';
import { Guard } from './observe.ts';
import type { RepoTarget } from './target.ts';

const FileState = z.strictObject({ mode: z.string(), oid: z.string() }).nullable();

/** What is kept of a step before it is applied: the commit it stands on, the tree it must make, and each file's states. */
export const Before = z.strictObject({
  ref: z.string(),
  commit: z.string(),
  tree: z.string(),
  result_tree: z.string(),
  files: z.array(z.strictObject({ path: z.string(), was: FileState, now: FileState })),
});
export type Before = z.infer<typeof Before>;

const keyTrailer = 'Countersign-Key';

/** The line by which a commit is found again. */
export function trailerOf(step: ParsedStep): string {
  return `${keyTrailer}: ${keyOf(step)}`;
}

/** The whole commit message of a step. */
export function commitMessage(step: ParsedStep, message: string): string {
  return `${message.trim()}\n\n${trailerOf(step)}\n`;
}

function keyOf(step: ParsedStep): string {
  if (!/^[\x21-\x7e]{1,200}$/.test(step.idempotencyKey)) throw refused('the idempotency key is not visible ASCII');
  return step.idempotencyKey;
}

/** The ref that keeps the commit a step replaced; two keys never share one. */
export function snapshotRefOf(step: ParsedStep): string {
  const key = keyOf(step);
  const name = key.replace(/[^A-Za-z0-9_-]/g, '-').slice(0, 80);
  return `${snapshotFolder}/${name}-${createHash('sha256').update(key).digest('hex').slice(0, 16)}`;
}

/** Computes what the step will make of the guard's commit, without keeping anything in the repository. */
export async function before(target: RepoTarget, step: ParsedStep, guard: Json, context: WorkContext): Promise<Json> {
  const { ref, commit } = Guard.parse(guard);
  if (commit === null) throw missing(`the branch ${ref} does not exist in the repository`);
  const repository = await openRepository(target.ports.exec, target.config.path, context.signal);
  return await withScratch(repository, 'scratch', context.signal, async (scratch) => {
    const tree = await treeOf(scratch, commit);
    const bad = new Problems();
    const change = await buildStep(scratch, { commit, tree }, requestOf(step), target.allowlist, bad);
    if (change === undefined) throw refused(`the change cannot be made: ${bad.first}`);
    const files = change.files.map(({ path, was, now }) => ({ path, was: plain(was), now: plain(now) }));
    return { ref, commit, tree, result_tree: change.to, files };
  });
}

function plain(state: { readonly mode: string; readonly oid: string } | null): { mode: string; oid: string } | null {
  return state === null ? null : { mode: state.mode, oid: state.oid };
}
