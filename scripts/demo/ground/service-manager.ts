import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startChild, waitUntil } from '@countersign/testing';
import type { Ground, Missing } from '../part/part.ts';
import { findProgram, isRoot, run } from '../stage/program.ts';
import { initScript, supervisorConfig, unitFile } from './service-files.ts';

/** A service that runs under a manager of this machine. */
export interface RunningService {
  readonly manager: string;
  readonly service: string;
  /** Settings of a target by which the connector reaches it. */
  readonly config: Readonly<Record<string, unknown>>;
}

interface Place {
  readonly name: string;
  readonly program: string;
  readonly ground: Ground;
}

async function underSystemd({ name, program, ground }: Place): Promise<RunningService> {
  const unit = join('/run/systemd/system', `${name}.service`);
  ground.cleanup.add(unit, async () => {
    await run('systemctl', ['stop', name]);
    await rm(unit);
    await run('systemctl', ['daemon-reload']);
  });
  await writeFile(unit, unitFile(program));
  await run('systemctl', ['daemon-reload'], ground.signal);
  await run('systemctl', ['start', name], ground.signal);
  return { manager: 'systemd', service: name, config: { driver: 'systemd' } };
}

async function underSupervisord({ name, program, ground }: Place): Promise<RunningService> {
  const folder = join(ground.folder, 'supervisor');
  await mkdir(folder);
  const file = join(folder, 'supervisord.conf');
  await writeFile(file, supervisorConfig(folder, name, program));
  const daemon = await startChild(findProgram('supervisord') ?? 'supervisord', ['--nodaemon', '--configuration', file]);
  ground.cleanup.add('supervisord', async () => void (await daemon.kill('SIGTERM')));
  const isUp = async () =>
    (await run('supervisorctl', ['-c', file, 'status', name], ground.signal)).includes('RUNNING');
  await waitUntil(`${name} runs`, isUp, { timeoutMs: 120_000, intervalMs: 200 });
  return { manager: 'supervisord', service: name, config: { driver: 'supervisord', supervisor_config: file } };
}

async function underInit({ name, program, ground }: Place): Promise<RunningService> {
  const script = join('/etc/init.d', name);
  const [pid, log] = [join(ground.folder, `${name}.pid`), join(ground.folder, `${name}.log`)];
  ground.cleanup.add(script, async () => {
    await run('service', [name, 'stop']);
    await rm(script);
  });
  await writeFile(script, initScript(name, program, { pid, log }));
  await chmod(script, 0o755);
  await run('service', [name, 'start'], ground.signal);
  const config = { driver: 'sysvinit', pid_files: { [name]: pid }, log_files: { [name]: log } };
  return { manager: 'init scripts', service: name, config };
}

/** Starts a service by systemd where the machine runs it, else by a supervisord of its own, else by an init script. */
export async function startService(ground: Ground, source: string): Promise<RunningService | Missing> {
  const name = `orders-${ground.id}`;
  const program = join(ground.folder, `${name}.sh`);
  await writeFile(program, source);
  const place = { name, program, ground };
  if (isRoot && existsSync('/run/systemd/system')) return await underSystemd(place);
  if (findProgram('supervisord') !== undefined) return await underSupervisord(place);
  if (isRoot && existsSync('/etc/init.d') && findProgram('service') !== undefined) return await underInit(place);
  return {
    missing:
      'there is no service manager that this user may ask: no supervisord, and systemd and init scripts need root',
    next: 'apt-get install -y --no-install-recommends supervisor',
  };
}
