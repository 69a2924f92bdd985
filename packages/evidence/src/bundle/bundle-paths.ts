import type { Diff } from '@countersign/protocol';

/** Paths of a bundle's files. The last four are not listed in the manifest: they speak about it. */
export const bundlePaths = {
  planText: 'plan.md',
  plan: 'plan.json',
  validation: 'validation.json',
  approvals: 'approvals.json',
  run: 'run.json',
  log: 'logs.txt',
  manifest: 'manifest.json',
  statement: 'statement.dsse.json',
  proof: 'tlog-proof',
  auditEntry: 'audit-entry.json',
} as const;

/** Files that stand beside the manifest and are therefore not listed in it. */
export const unlistedPaths: readonly string[] = [
  bundlePaths.manifest,
  bundlePaths.statement,
  bundlePaths.proof,
  bundlePaths.auditEntry,
];

/** Where a diff's patch is kept: its number from 0001 and a readable part of its path. Regenerated, never taken over. */
export function diffPath(diff: Diff, index: number): string {
  const slug = diff.path
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 48)
    .replace(/^-|-$/g, '');
  return `diffs/${String(index + 1).padStart(4, '0')}-${slug === '' ? 'diff' : slug}.patch`;
}

/** Order of paths in the manifest: by UTF-16 code units, as RFC 8785 sorts. */
export function comparePaths(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
