import type { ParsedStep } from '@countersign/connector-kit';
import { requestOf } from '../change-inputs.ts';
import type { Scratch } from '../client/scratch.ts';
import { treeOf } from '../client/tree.ts';
import type { Allowlist } from '../paths/allowlist.ts';
import type { Problems } from './checks.ts';
import { buildStep, type StepChange } from './step-change.ts';

/** A step and what it makes of the tree the one before it leaves. */
export interface BuiltStep {
  readonly step: ParsedStep;
  readonly change: StepChange;
}

/** Builds a list of steps, each on the one before; stops at the first that cannot be made. */
export async function buildAll(
  scratch: Scratch,
  commit: string,
  steps: readonly ParsedStep[],
  allowlist: Allowlist,
  bad: Problems,
): Promise<BuiltStep[]> {
  const built: BuiltStep[] = [];
  let tree = await treeOf(scratch, commit);
  for (const step of steps) {
    const change = await buildStep(scratch, { commit, tree }, requestOf(step), allowlist, bad);
    // What follows stands on this step's tree: without it nothing can be said.
    if (change === undefined) break;
    built.push({ step, change });
    tree = change.to;
  }
  return built;
}
