import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { freePort } from '../process/free-port.ts';
import { waitUntil } from '../process/wait-until.ts';

/** An OpenSSH server of the tests' own on 127.0.0.1, which lets one key into root's account. */
export interface Sshd extends AsyncDisposable {
  readonly port: number;
  readonly identityFile: string;
  readonly knownHostsFile: string;
  /** Kills the processes of its connections, as a host that goes away. */
  cut(): void;
}

function makeKey(file: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('close', () => socket.destroy()).once('connect', () => socket.end());
  });
}

/** Starts Debian's sshd with keys, configuration and log inside `folder`, which others may not write to. Needs root. */
export async function startSshd(folder: string): Promise<Sshd> {
  const [hostKey, identityFile] = [join(folder, 'host_key'), join(folder, 'identity')];
  makeKey(hostKey);
  makeKey(identityFile);
  const authorized = join(folder, 'authorized_keys');
  writeFileSync(authorized, readFileSync(`${identityFile}.pub`), { mode: 0o600 });
  const port = await freePort();
  const knownHostsFile = join(folder, 'known_hosts');
  writeFileSync(knownHostsFile, `[127.0.0.1]:${port} ${readFileSync(`${hostKey}.pub`, 'utf8')}`);
  const configuration = join(folder, 'sshd_config');
  writeFileSync(
    configuration,
    [
      ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${hostKey}`, `AuthorizedKeysFile ${authorized}`],
      ...['PasswordAuthentication no', 'KbdInteractiveAuthentication no', 'UsePAM no', 'StrictModes no'],
      ...['PermitRootLogin prohibit-password', 'PidFile none', 'LogLevel ERROR', ''],
    ].join('\n'),
  );
  // Where sshd separates its privileges; Debian's service makes it at start.
  mkdirSync('/run/sshd', { recursive: true });
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', configuration], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  child.stderr.on('data', (chunk: Buffer) => {
    log += chunk.toString('utf8');
  });
  const failed = new Promise<never>((_, reject) => {
    child.once('error', (cause) => reject(new Error('sshd cannot be started: install openssh-server', { cause })));
    child.once('exit', (code) => reject(new Error(`sshd ended with ${code}: ${log}`)));
  });
  failed.catch(() => undefined);
  await Promise.race([waitUntil('sshd answers', () => answers(port)), failed]);
  return {
    port,
    identityFile,
    knownHostsFile,
    cut: () => {
      const children = execFileSync('pgrep', ['-P', String(child.pid)], { encoding: 'utf8' });
      for (const pid of children.trim().split('\n')) process.kill(Number(pid), 'SIGKILL');
    },
    [Symbol.asyncDispose]: async () => {
      const gone = once(child, 'close');
      child.kill('SIGTERM');
      await gone;
    },
  };
}
