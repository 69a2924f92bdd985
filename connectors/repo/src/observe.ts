import { fingerprint, type Observation, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { Json, JsonObject, Precondition } from '@countersign/protocol';
import { z } from 'zod';
import { type BranchTip, branchTip, openRepository, type Repository } from './client/repository.ts';
import { type Scratch, withScratch } from './client/scratch.ts';
import { entriesAt } from './client/tree.ts';
import { WriteFilesInputs } from './manifest.ts';
import type { RepoTarget } from './target.ts';

/** Compare-and-set token: the branch and the commit it must still be on; null where it does not exist. */
export const Guard = z.strictObject({ ref: z.string(), commit: z.string().nullable() });
export type Guard = z.infer<typeof Guard>;

/** One consistent look: everything else is read from the commit. */
export interface Look {
  readonly repository: Repository;
  readonly branch: string;
  readonly tip: BranchTip | undefined;
}

/** The branch a list of steps is about. */
export function branchOf(target: RepoTarget, steps: readonly ParsedStep[]): string {
  const [first] = steps;
  return first === undefined
    ? target.config.branch
    : (WriteFilesInputs.parse(first.inputs).branch ?? target.config.branch);
}

/** Stable name of what is changed, equal in every process on this machine. */
export function identityOf(look: Look): string {
  return `git:${look.repository.root}#${look.branch}`;
}

/** Opens the repository and reads the branch. */
export async function lookAt(target: RepoTarget, branch: string, signal: AbortSignal): Promise<Look> {
  const repository = await openRepository(target.ports.exec, target.config.path, signal);
  return { repository, branch, tip: await branchTip(repository, branch, signal) };
}

function precondition(resource: string, kind: string, observed: JsonObject): Precondition {
  return { resource, kind, fingerprint: fingerprint({ resource, kind, observed }), observed };
}

/** What a list depends on: the branch's commit, and each touched path's mode and blob or that it is absent. */
export async function preconditionsOf(
  scratch: Scratch,
  look: Look,
  steps: readonly ParsedStep[],
): Promise<Precondition[]> {
  const branch = precondition(`refs/heads/${look.branch}`, 'git.branch', { commit: look.tip?.commit ?? null });
  if (look.tip === undefined) return [branch];
  const paths = steps.flatMap((step) => WriteFilesInputs.parse(step.inputs).files.map((file) => file.path));
  const unique = [...new Set(paths)].sort();
  const entries = await entriesAt(scratch, look.tip.commit, unique);
  const files = unique.map((path) => {
    const entry = entries.get(path);
    const observed: JsonObject = entry === undefined ? { absent: true } : { mode: entry.mode, oid: entry.oid };
    return precondition(path, 'git.path', observed);
  });
  return [branch, ...files];
}

/** Preconditions and guard from one look at the branch. */
export async function observe(
  target: RepoTarget,
  steps: readonly ParsedStep[],
  context: WorkContext,
): Promise<Observation> {
  const look = await lookAt(target, branchOf(target, steps), context.signal);
  const guard: Json = { ref: `refs/heads/${look.branch}`, commit: look.tip?.commit ?? null };
  return await withScratch(look.repository, 'scratch', context.signal, async (scratch) => ({
    identity: identityOf(look),
    preconditions: await preconditionsOf(scratch, look, steps),
    guard,
  }));
}
