import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A service kept by an init script, which counts its starts and ends and is slow to stop. */
export interface CountedService {
  readonly name: string;
  /** What stands in for /etc/init.d on its host. */
  readonly scripts: string;
  readonly pidFile: string;
  /** Arguments by which `sh` runs a program on its host, where /etc/init.d is this service's. */
  wrap(program: string, ...args: readonly string[]): string[];
  pid(): number;
  /** What it counted, in order: `start`, `stopping`, `stopped`. */
  counted(): string[];
}

const script = (folder: string, name: string): string => `#!/bin/sh
# Short-Description: Counts its starts
case "$1" in
  start) start-stop-daemon --start --quiet --oknodo --background --make-pidfile --pidfile ${folder}/pid --startas ${folder}/${name} ;;
  stop) start-stop-daemon --stop --quiet --oknodo --retry 20 --pidfile ${folder}/pid; rm -f ${folder}/pid ;;
  restart) "$0" stop; "$0" start ;;
  status) kill -0 "$(cat ${folder}/pid 2>/dev/null)" 2>/dev/null || exit 3 ;;
  *) echo "Usage: $0 {start|stop|restart|status}" >&2; exit 2 ;;
esac
`;

const program = (folder: string): string => `#!/bin/sh
echo start >> ${folder}/counted
trap 'echo stopping >> ${folder}/counted; sleep 3; echo stopped >> ${folder}/counted; exit 0' TERM
while :; do sleep 0.1; done
`;

/** Writes the service into a folder; nothing runs yet. */
export function makeCountedService(folder: string, name: string): CountedService {
  const scripts = join(folder, 'init.d');
  mkdirSync(scripts, { recursive: true });
  for (const [path, text] of [
    [join(scripts, name), script(folder, name)],
    [join(folder, name), program(folder)],
  ] as const) {
    writeFileSync(path, text);
    chmodSync(path, 0o755);
  }
  const pidFile = join(folder, 'pid');
  return {
    name,
    scripts,
    pidFile,
    // A program in a network namespace has a mount namespace of its own, so that nobody else sees these scripts.
    wrap: (file, ...args) => ['-c', 'mount --bind "$0" /etc/init.d && exec "$@"', scripts, file, ...args],
    pid: () => Number(readFileSync(pidFile, 'utf8')),
    counted: () => readFileSync(join(folder, 'counted'), 'utf8').trim().split('\n'),
  };
}
