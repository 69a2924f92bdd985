import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CodedError } from '@countersign/protocol';
import { configSchema } from '../config/config.ts';

const environments = ['dev', 'stage', 'prod'] as const;
const dockerSocket = '/var/run/docker.sock';

function appFiles(environment: string): Readonly<Record<string, string>> {
  const replicas = environment === 'prod' ? 3 : 1;
  return {
    'README.md': `# shop (${environment})\n\nConfiguration of the sample application. Change it through Countersign.\n`,
    'config/app.yaml': `name: shop\nenvironment: ${environment}\nreplicas: ${replicas}\nlog_level: info\nfeatures:\n  checkout: true\n  coupons: false\n`,
    'config/limits.yaml': 'requests_per_minute: 600\nmax_upload_mb: 10\n',
  };
}

function git(folder: string, args: readonly string[]): void {
  try {
    execFileSync('git', ['-C', folder, ...args], {
      stdio: 'pipe',
      env: { PATH: process.env['PATH'] ?? '', HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null' },
    });
  } catch (cause) {
    throw new CodedError(
      'E_CONFIG',
      'git could not make the sandbox repositories',
      { next: 'install git 2.30 or newer' },
      { cause },
    );
  }
}

function seedRepository(folder: string, environment: string): void {
  mkdirSync(join(folder, 'config'), { recursive: true });
  for (const [path, content] of Object.entries(appFiles(environment))) writeFileSync(join(folder, path), content);
  git(folder, ['init', '--quiet', '--initial-branch=main']);
  git(folder, ['add', '--all']);
  const who = ['-c', 'user.name=Countersign sandbox', '-c', 'user.email=sandbox@countersign.invalid'];
  git(folder, [...who, 'commit', '--quiet', '--message=Configuration of the sample application']);
}

function configText(withDocker: boolean): string {
  const repositories = environments.map(
    (environment) =>
      `  - name: sandbox-${environment}\n    project: sandbox\n    environment: ${environment}\n    connector: repo\n    config: { path: sandbox/${environment}, branch: main }\n`,
  );
  const docker = `  - name: local-docker\n    project: sandbox\n    environment: dev\n    connector: docker\n    config: { socket: ${dockerSocket} }\n`;
  return `# yaml-language-server: $schema=./countersign.schema.json\n# Targets of this installation.\nprofile: standard\ntargets:\n${repositories.join('')}${withDocker ? docker : ''}`;
}

/** On a first start without a configuration: three real git repositories, the local Docker where its socket is, and a configuration that names them. Answers the configuration's path. */
export function seedSandbox(dataDir: string): string {
  const file = join(dataDir, 'countersign.yaml');
  for (const environment of environments) {
    const folder = join(dataDir, 'sandbox', environment);
    if (!existsSync(join(folder, '.git', 'HEAD'))) seedRepository(folder, environment);
  }
  writeFileSync(join(dataDir, 'countersign.schema.json'), configSchema());
  writeFileSync(file, configText(existsSync(dockerSocket)), { flag: 'wx', mode: 0o600 });
  return file;
}
