import type { ListedService, Phase } from '../service.ts';

/** Reads `service --status-all`: ` [ + ]  cron`. A script that answers no status stands with `?`. */
export function readStatusAll(text: string): ListedService[] {
  return text.split('\n').flatMap((line) => {
    const [, sign, name] = /^\s*\[ ([+?-]) \]\s+(\S+)\s*$/.exec(line) ?? [];
    if (sign === undefined || name === undefined) return [];
    const phase: Phase = sign === '+' ? 'running' : sign === '-' ? 'stopped' : 'unknown';
    return [{ name, phase, native: `[ ${sign} ]`, description: '' }];
  });
}

/** The state behind the exit code of `service NAME status`, as the Linux Standard Base has it. */
export function phaseOfExit(code: number | null): Phase {
  if (code === 0) return 'running';
  if (code === 1 || code === 2) return 'failed';
  return code === 3 ? 'stopped' : 'unknown';
}

/** `Short-Description` of a script's head. */
export function descriptionOf(script: string): string {
  return /^# Short-Description:\s*(.*)$/m.exec(script)?.[1]?.trim() ?? '';
}

/** Variables of a script that are set once, to a plain text, at the beginning of a line. */
function variablesOf(script: string): Map<string, string> {
  const variables = new Map<string, string>();
  for (const [, name, value] of script.matchAll(/^([A-Za-z_][A-Za-z0-9_]*)=["']?([^"'\s;]*)["']?\s*$/gm)) {
    if (name === undefined || value === undefined || variables.has(name)) continue;
    variables.set(
      name,
      value.replace(/\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?/g, (whole, used: string) => variables.get(used) ?? whole),
    );
  }
  return variables;
}

/** Where a service may keep its pid: what its script says, then where Debian's scripts keep it. Absolute paths only. */
export function pidFilesOf(name: string, script: string): string[] {
  const said = [...variablesOf(script)].filter(([variable]) => /^PID_?FILE$/i.test(variable)).map(([, path]) => path);
  const header = /^# pidfile:\s*(\S+)/m.exec(script)?.[1];
  const all = [...said, ...(header === undefined ? [] : [header]), `/run/${name}.pid`, `/run/${name}/${name}.pid`];
  return [...new Set(all.filter((path) => path.startsWith('/') && !path.includes('$')))];
}

/** The pid that a script's status tells: `is running (pid 42)`. */
export function saidPid(status: string): number {
  return Number(/\bpid[s:= ]*\s*(\d{1,9})\b/i.exec(status)?.[1] ?? 0);
}

/** The first pid in what stands in pid files. */
export function keptPid(text: string): number {
  return Number(/^\s*(\d{1,9})\s*$/m.exec(text)?.[1] ?? 0);
}
