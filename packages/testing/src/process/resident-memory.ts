import { readFileSync } from 'node:fs';

/** Memory that a process holds, in MiB; Linux only. */
export function residentMb(pid: number): number {
  const [, kibibytes] = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kibibytes) / 1024;
}
