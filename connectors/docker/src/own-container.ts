import { readFile } from 'node:fs/promises';

/** Docker mounts a container's resolv.conf, hostname and hosts from a folder that bears its id. */
export function containerIdIn(mountInfo: string): string | undefined {
  return /\/containers\/([0-9a-f]{64})\/(?:hostname|hosts|resolv\.conf)\s/.exec(mountInfo)?.[1];
}

/** The id of the container that this process runs in; undefined outside of one and off Linux. */
export async function ownContainerId(): Promise<string | undefined> {
  const mountInfo = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return containerIdIn(mountInfo);
}
