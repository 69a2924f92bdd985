import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { promisify } from 'node:util';
import { debianImage, dockerSocket, waitUntil } from '@countersign/testing';
import { supervisordFiles, systemdFiles, sysvinitFiles } from './units.ts';

const execute = promisify(execFile);

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await execute('docker', ['-H', `unix://${dockerSocket()}`, ...args], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}

/** A container that stands for a host with one service manager. */
export interface Machine extends AsyncDisposable {
  readonly name: string;
  readonly kind: 'systemd' | 'supervisord' | 'sysvinit';
  /** Runs a program in it, past the connector; answers its stdout. Throws unless it exits with 0. */
  run(...command: readonly string[]): Promise<string>;
  /** As `run`, but whatever the exit code. */
  attempt(...command: readonly string[]): Promise<string>;
  /** Asks the service manager, past the connector. */
  manage(verb: 'start' | 'stop' | 'restart', service: string): Promise<void>;
  isUp(service: string): Promise<boolean>;
  /** Starts and asked-for ends of a service that counts them, in its own file. */
  counted(service: string): Promise<{ starts: number; stops: number }>;
  write(path: string, content: string): Promise<void>;
}

/** What systemd as a container's first process needs; see real-components on cgroups and rights. */
const bootOptions = [
  ...['-t', '--cap-add', 'ALL', '--cap-drop', 'SYS_RESOURCE', '--security-opt', 'seccomp=unconfined'],
  ...['--security-opt', 'apparmor=unconfined', '--tmpfs', '/run', '--tmpfs', '/run/lock', '--tmpfs', '/tmp'],
  ...[
    '-v',
    '/sys/fs/cgroup:/sys/fs/cgroup:rw',
    '--cgroupns=host',
    '-e',
    'container=docker',
    '--stop-signal',
    'SIGRTMIN+3',
  ],
];

const kinds = {
  systemd: { options: bootOptions, command: ['/sbin/init'], files: systemdFiles },
  supervisord: {
    options: ['--init'],
    command: ['/usr/bin/supervisord', '-n', '-c', '/etc/supervisor/supervisord.conf'],
    files: supervisordFiles,
  },
  sysvinit: { options: ['--init'], command: ['sleep', 'infinity'], files: sysvinitFiles },
} as const;

async function writeIn(container: string, path: string, content: string): Promise<void> {
  const tee = spawn('docker', ['-H', `unix://${dockerSocket()}`, 'exec', '-i', container, 'tee', path], {
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  tee.stdin.end(content);
  const [code] = await once(tee, 'close');
  if (code !== 0) throw new Error(`${path} was not written`);
}

function managing(machine: Pick<Machine, 'kind' | 'run' | 'attempt'>): Pick<Machine, 'manage' | 'isUp'> {
  const { kind, run, attempt } = machine;
  if (kind === 'systemd') {
    return {
      manage: async (verb, service) => void (await run('systemctl', verb, service)),
      isUp: async (service) => (await attempt('systemctl', 'is-active', service)) === 'active',
    };
  }
  if (kind === 'supervisord') {
    return {
      manage: async (verb, service) => void (await attempt('supervisorctl', verb, service)),
      isUp: async (service) => (await attempt('supervisorctl', 'status', service)).includes('RUNNING'),
    };
  }
  return {
    manage: async (verb, service) => void (await run('service', service, verb)),
    isUp: async (service) => (await attempt('service', service, 'status')).includes('is running'),
  };
}

/** Starts a machine with its services, and with more options of `docker create`; `await using` removes it. */
export async function startMachine(kind: Machine['kind'], more: readonly string[] = []): Promise<Machine> {
  const name = `countersign-${kind}-${randomUUID().slice(0, 8)}`;
  const { options, command, files } = kinds[kind];
  await docker('create', '--name', name, '--hostname', name, ...options, ...more, debianImage, ...command);
  const run = (...args: readonly string[]) => docker('exec', name, ...args);
  const attempt = (...args: readonly string[]) =>
    run(...args).catch((error: unknown) =>
      error instanceof Error && 'stdout' in error ? String(error.stdout).trim() : '',
    );
  await docker('start', name);
  for (const [path, content] of Object.entries(files)) {
    await writeIn(name, path, content);
    await run('chmod', '755', path);
  }
  await ready(kind, run, attempt);
  const base = { name, kind, run, attempt };
  return {
    ...base,
    ...managing(base),
    counted: async (service) => {
      const lines = (await attempt('cat', `/var/log/${service}.effects`)).split('\n');
      return {
        starts: lines.filter((line) => line === 'start').length,
        stops: lines.filter((line) => line === 'stop').length,
      };
    },
    write: (path, content) => writeIn(name, path, content),
    [Symbol.asyncDispose]: async () => void (await docker('rm', '-f', name)),
  };
}

async function ready(kind: Machine['kind'], run: Machine['run'], attempt: Machine['attempt']): Promise<void> {
  const patience = { timeoutMs: 90_000, intervalMs: 200 };
  if (kind === 'systemd') {
    const up = async () => /running|degraded/.test(await attempt('systemctl', 'is-system-running'));
    await waitUntil('systemd is up', up, patience);
    await run('systemctl', 'daemon-reload');
  } else if (kind === 'supervisord') {
    await waitUntil('supervisord answers', async () => (await attempt('supervisorctl', 'version')) !== '', patience);
    await attempt('supervisorctl', 'update');
  }
}
