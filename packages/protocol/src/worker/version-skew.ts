import type { VersionSkew } from './worker-view.ts';

function numbers(version: string): readonly number[] | null {
  const [, ...parts] = /^(\d{1,6})\.(\d{1,6})\.(\d{1,6})(?:[-+].*)?$/.exec(version) ?? [];
  return parts.length === 3 ? parts.map(Number) : null;
}

/** How a worker's version stands to the server's, by its three numbers; what follows them makes no difference. */
export function versionSkew(worker: string, server: string): VersionSkew {
  if (worker === server) return 'same';
  const [mine, theirs] = [numbers(worker), numbers(server)];
  if (mine === null || theirs === null) return 'unknown';
  const at = mine.findIndex((part, index) => part !== theirs[index]);
  if (at < 0) return 'same';
  return (mine[at] ?? 0) < (theirs[at] ?? 0) ? 'older' : 'newer';
}
