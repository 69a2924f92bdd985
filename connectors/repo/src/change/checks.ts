import type { Check } from '@countersign/protocol';

/** Every check of a change, in the order it is shown, with what a pass means. */
const passes = {
  'repo.branch_exists': 'the branch exists',
  'repo.branch_allowed': 'the change is on one branch of this target',
  'repo.patch_readable': 'every patch can be read',
  'repo.commit_known': 'every commit to be reverted is in the history of the branch',
  'repo.paths_allowed': 'every path is allowed',
  'repo.no_symlink_escape': 'no path leads through or replaces a symbolic link',
  'repo.no_submodule': 'no path leads into a submodule',
  'repo.no_path_conflict': 'no path is both a file and a folder, and none is named twice',
  'repo.paths_exist': 'every file to be deleted exists',
  'repo.blob_known': 'every restored content was once that of its path',
  'repo.patch_applies': 'every hunk applies where it says',
  'repo.revert_applies': 'every revert goes without a conflict',
  'repo.size': 'the change is small enough to be shown whole',
  'repo.lfs_pointer': 'no LFS pointer becomes content',
  'repo.changes_something': 'every step changes something',
  'repo.snapshot': 'the commit before the change is kept under refs/countersign/snapshots/',
  'repo.worktree_clean': 'no work tree of the branch has uncommitted changes or files in the way',
} as const satisfies Record<string, string>;

export type CheckId = keyof typeof passes;

const shownProblems = 5;

interface Finding {
  readonly message: string;
  readonly file: string | undefined;
  readonly line: number | undefined;
}

function summed(id: CheckId, status: 'fail' | 'warn', found: readonly Finding[]): Check {
  const more = found.length > shownProblems ? ` (and ${found.length - shownProblems} more)` : '';
  const shown = found.slice(0, shownProblems).map((each) => each.message);
  const [first] = found;
  return {
    id,
    status,
    severity: status === 'fail' ? 'error' : 'warning',
    message: `${shown.join('; ')}${more}`,
    ...(first?.file === undefined ? {} : { file: first.file }),
    ...(first?.line === undefined ? {} : { line: first.line }),
  };
}

/** Collects what speaks against a change, and what is worth a second look. */
export class Problems {
  readonly #failures = new Map<CheckId, Finding[]>();
  readonly #warnings = new Map<CheckId, Finding[]>();

  /** Something that forbids the change; `line` is one of the patch or of the file. */
  add(id: CheckId, message: string, file?: string, line?: number): void {
    this.#failures.set(id, [...(this.#failures.get(id) ?? []), { message, file, line }]);
  }

  /** Something that is allowed and should be seen. */
  warn(id: CheckId, message: string, file?: string): void {
    this.#warnings.set(id, [...(this.#warnings.get(id) ?? []), { message, file, line: undefined }]);
  }

  /** Whether anything forbids the change. */
  get any(): boolean {
    return this.#failures.size > 0;
  }

  /** The first problem, for an error. */
  get first(): string {
    return [...this.#failures.values()][0]?.[0]?.message ?? '';
  }

  /** All checks: what was found names its first places. */
  checks(): Check[] {
    const ids: CheckId[] = [];
    for (const id of Object.keys(passes)) if (isCheckId(id)) ids.push(id);
    return ids.map((id) => {
      const [failures, warnings] = [this.#failures.get(id), this.#warnings.get(id)];
      if (failures !== undefined) return summed(id, 'fail', failures);
      if (warnings !== undefined) return summed(id, 'warn', warnings);
      return { id, status: 'pass', severity: 'error', message: passes[id] };
    });
  }
}

function isCheckId(id: string): id is CheckId {
  return Object.hasOwn(passes, id);
}
