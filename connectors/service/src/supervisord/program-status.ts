import type { Phase } from '../service.ts';

/** One line of `supervisorctl status`. */
export interface ProgramStatus {
  readonly name: string;
  readonly state: string;
  readonly pid: number;
  /** What stands behind the state: `Exited too quickly`, a date, `Not started`. Empty for one that runs, where it would age. */
  readonly note: string;
}

const states = 'STOPPED|STARTING|RUNNING|BACKOFF|STOPPING|EXITED|FATAL|UNKNOWN';
const line = new RegExp(`^(\\S+)\\s+(${states})(?:\\s+(.*))?$`);

/** Reads `supervisorctl status`; lines that are none of a program are left out. */
export function readStatus(text: string): ProgramStatus[] {
  return text.split('\n').flatMap((each) => {
    const [, name, state, rest = ''] = line.exec(each.trimEnd()) ?? [];
    if (name === undefined || state === undefined) return [];
    const pid = Number(/^pid (\d+), uptime /.exec(rest)?.[1] ?? 0);
    return [{ name, state, pid, note: pid === 0 ? rest.trim() : '' }];
  });
}

const phases: Readonly<Record<string, Phase>> = {
  STOPPED: 'stopped',
  STARTING: 'starting',
  RUNNING: 'running',
  BACKOFF: 'restarting',
  STOPPING: 'stopping',
  EXITED: 'stopped',
  FATAL: 'failed',
};

/** supervisord's state in our words. */
export function phaseOfState(state: string): Phase {
  return phases[state] ?? 'unknown';
}

/** What supervisord's own log says became of one process of a program: ended by a command, by itself, or not told. */
export function howEnded(log: string, name: string, pid: number): 'stopped' | 'exited' | undefined {
  // In a group, the log has the process name alone.
  const process = name.slice(name.lastIndexOf(':') + 1);
  const lines = log.split('\n');
  const spawned = lines.findLastIndex((each) => each.includes(` spawned: '${process}' with pid ${pid}`));
  if (spawned < 0) return undefined;
  for (const each of lines.slice(spawned + 1)) {
    if (each.includes(` stopped: ${process} (`)) return 'stopped';
    if (each.includes(` exited: ${process} (`)) return 'exited';
  }
  return undefined;
}
