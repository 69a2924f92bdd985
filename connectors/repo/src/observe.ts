import { fingerprint, type Observation, type ParsedStep, type WorkContext } from '@countersign/connector-kit';
import type { Json, JsonObject, Precondition } from '@countersign/protocol';
import { z } from 'zod';
import { buildAll } from './change/build-all.ts';
import { Problems } from './change/checks.ts';
import { patchOf, usesOf } from './change/patched-files.ts';
import { reversalOf } from './change/reverted-files.ts';
import { requestOf } from './change-inputs.ts';
import { type BranchTip, branchTip, openRepository, type Repository } from './client/repository.ts';
import { type Scratch, withScratch } from './client/scratch.ts';
import { entriesAt } from './client/tree.ts';
import { pathProblem } from './paths/repo-path.ts';
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
  return first === undefined ? target.config.branch : (requestOf(first).inputs.branch ?? target.config.branch);
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

/** The paths a step names, by itself or by the commit it takes back. */
async function pathsOf(scratch: Scratch, tip: string, step: ParsedStep): Promise<string[]> {
  const request = requestOf(step);
  if (request.kind === 'files') return request.inputs.files.map((file) => file.path);
  if (request.kind === 'patch') {
    const parsed = patchOf(request.inputs);
    return parsed.ok ? usesOf(parsed.files).map(({ path }) => path) : [];
  }
  const reversal = await reversalOf(scratch, tip, request.inputs, new Problems());
  return (reversal?.paths ?? []).filter(({ exact }) => exact).map(({ path }) => path);
}

/** Whether git's own judgement makes the result, and not the inputs alone. */
function isJudged(steps: readonly ParsedStep[]): boolean {
  return steps.some((step) => requestOf(step).kind !== 'files');
}

/** The tree the whole list makes, as far as it can be made. */
async function resultTree(
  target: Pick<RepoTarget, 'allowlist'>,
  scratch: Scratch,
  commit: string,
  steps: readonly ParsedStep[],
): Promise<string | null> {
  const bad = new Problems();
  const built = await buildAll(scratch, commit, steps, target.allowlist, bad);
  return built.length === steps.length && !bad.any ? (built.at(-1)?.change.to ?? null) : null;
}

/**
 * What a list depends on: the branch's commit, and each touched path's mode and blob or that it is absent. Where git merges
 * or places hunks, also the tree that comes out: what was shown runs, or nothing. `result` is that tree if it is known.
 */
export async function preconditionsOf(
  target: Pick<RepoTarget, 'allowlist'>,
  scratch: Scratch,
  look: Look,
  steps: readonly ParsedStep[],
  result?: string | null,
): Promise<Precondition[]> {
  const branch = precondition(`refs/heads/${look.branch}`, 'git.branch', { commit: look.tip?.commit ?? null });
  if (look.tip === undefined) return [branch];
  const { commit } = look.tip;
  const paths: string[] = [];
  for (const step of steps) paths.push(...(await pathsOf(scratch, commit, step)));
  // Of a path outside the allowlist nothing is told, not even whether it is there.
  const unique = [...new Set(paths)].filter((path) => pathProblem(path) === undefined && target.allowlist.allows(path));
  const entries = await entriesAt(scratch, commit, unique.sort());
  const files = unique.map((path) => {
    const entry = entries.get(path);
    const observed: JsonObject = entry === undefined ? { absent: true } : { mode: entry.mode, oid: entry.oid };
    return precondition(path, 'git.path', observed);
  });
  if (!isJudged(steps)) return [branch, ...files];
  const tree = result === undefined ? await resultTree(target, scratch, commit, steps) : result;
  return [branch, ...files, precondition(`refs/heads/${look.branch}`, 'git.result', { tree })];
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
    preconditions: await preconditionsOf(target, scratch, look, steps),
    guard,
  }));
}
