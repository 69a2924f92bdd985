import type { TreeChange, TreeEntry } from '../client/tree.ts';

/** What a step is built on. */
export interface ChangeBase {
  /** Commit whose history tells what was there before. */
  readonly commit: string;
  readonly tree: string;
}

/** What a step shall make of a tree, whatever asked for it. */
export interface Wanted {
  readonly changes: readonly TreeChange[];
  /** Entries of the base at every path of the changes that has one. */
  readonly entries: ReadonlyMap<string, TreeEntry>;
  /** Commit message without trailer. */
  readonly message: string;
}

/** Largest content one step may bring, in bytes. */
export const maxContentBytes = 12 * 1024 * 1024;
