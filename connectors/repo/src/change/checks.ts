import type { Check } from '@countersign/protocol';

/** Every check of a change, in the order it is shown, with what a pass means. */
const passes = {
  'repo.branch_exists': 'the branch exists',
  'repo.branch_allowed': 'the change is on one branch of this target',
  'repo.paths_allowed': 'every path is allowed',
  'repo.no_symlink_escape': 'no path leads through or replaces a symbolic link',
  'repo.no_submodule': 'no path leads into a submodule',
  'repo.no_path_conflict': 'no path is both a file and a folder, and none is named twice',
  'repo.paths_exist': 'every file to be deleted exists',
  'repo.blob_known': 'every restored content was once that of its path',
  'repo.size': 'the change is small enough to be shown whole',
  'repo.changes_something': 'every step changes something',
  'repo.worktree_clean': 'no work tree of the branch has uncommitted changes or files in the way',
} as const satisfies Record<string, string>;

export type CheckId = keyof typeof passes;

const shownProblems = 5;

/** Collects what speaks against a change. */
export class Problems {
  private readonly found = new Map<string, { message: string; file: string | undefined }[]>();

  add(id: CheckId, message: string, file?: string): void {
    this.found.set(id, [...(this.found.get(id) ?? []), { message, file }]);
  }

  get any(): boolean {
    return this.found.size > 0;
  }

  /** The first problem, for an error. */
  get first(): string {
    return [...this.found.values()][0]?.[0]?.message ?? '';
  }

  /** All checks: the failed ones name their first problems. */
  checks(): Check[] {
    return Object.entries(passes).map(([id, pass]) => {
      const problems = this.found.get(id) ?? [];
      const [first] = problems;
      if (first === undefined) return { id, status: 'pass', severity: 'error', message: pass };
      const more = problems.length > shownProblems ? ` (and ${problems.length - shownProblems} more)` : '';
      const text = problems
        .slice(0, shownProblems)
        .map((problem) => problem.message)
        .join('; ');
      const file = first.file === undefined ? {} : { file: first.file };
      return { id, status: 'fail', severity: 'error', message: `${text}${more}`, ...file };
    });
  }
}
