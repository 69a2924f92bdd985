import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { tempFolder } from '@countersign/testing';
import { repositoryRoot } from '../../scripts/repository-root.ts';

const deploy = join(repositoryRoot, 'deploy');
const stubs = join(import.meta.dirname, 'stub');

export interface Said {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** One failure that the stand-in for gcloud plays: so often, where a call begins with these words, by a file of `words`. */
export interface Failing {
  readonly times: number;
  readonly call: string;
  readonly code: number;
  readonly words: string;
}

/** A place where scripts of `deploy` run with stand-ins for gcloud and systemd. */
export interface ScriptStage {
  readonly folder: string;
  run(script: string, args: readonly string[], env?: Readonly<Record<string, string>>): Said;
  /** The same while this process goes on answering. */
  runBeside(script: string, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Said>;
  /** What the stand-ins were asked since the last look. */
  calls(): string[];
  fail(failing: Failing): void;
}

export function scriptStage(): ScriptStage {
  const folder = tempFolder();
  const callsFile = join(folder, 'calls');
  const own = { PATH: `${stubs}:${process.env['PATH'] ?? ''}`, STUB: folder, HOME: folder };
  return {
    folder,
    run(script, args, env = {}) {
      const options = { encoding: 'utf8', env: { ...own, ...env } } as const;
      const { status, stdout, stderr } = spawnSync('bash', [join(deploy, script), ...args], options);
      return { code: status, stdout, stderr };
    },
    async runBeside(script, args, env = {}) {
      const child = spawn('bash', [join(deploy, script), ...args], { env: { ...own, ...env } });
      const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
      const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
      return { code, stdout, stderr };
    },
    calls() {
      const text = existsSync(callsFile) ? readFileSync(callsFile, 'utf8') : '';
      writeFileSync(callsFile, '');
      return text.split('\n').filter((line) => line !== '');
    },
    fail({ times, call, code, words }) {
      writeFileSync(join(folder, 'fail'), `${times}\n${call}\n${code}\n${words}\n`);
    },
  };
}
