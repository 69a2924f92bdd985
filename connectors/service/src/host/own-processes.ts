import { readFile } from 'node:fs/promises';

const deepest = 100;

/** The parent in the kernel's line on a process; 0 if there is none. */
export function parentIn(stat: string): number {
  return Number(/^\d+ \(.*\) \S (\d+) /s.exec(stat)?.[1] ?? 0);
}

/** This process and those that it descends from. Whoever stops one of them stops the worker. Empty off Linux. */
export async function ownProcesses(): Promise<ReadonlySet<number>> {
  const all = new Set<number>();
  for (let pid = process.pid; pid > 0 && all.size < deepest; ) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    if (stat === '') break;
    all.add(pid);
    pid = parentIn(stat);
  }
  return all;
}
