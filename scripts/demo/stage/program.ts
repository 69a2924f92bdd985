import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** Servers stand in /usr/sbin, which is not on everybody's PATH. */
export const searchPath = `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin`;

/** The path of a program, or undefined where there is none. */
export function findProgram(name: string): string | undefined {
  const isThere = (path: string) => {
    try {
      accessSync(path, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  };
  return searchPath
    .split(':')
    .map((folder) => join(folder, name))
    .find(isThere);
}

/** Whether this process is root's. */
export const isRoot = process.getuid?.() === 0;

/** Runs a program of this machine, as whoever looks after it would; answers its trimmed stdout, throws unless it exits with 0. */
export async function run(file: string, args: readonly string[], signal?: AbortSignal): Promise<string> {
  const options = { env: { ...process.env, PATH: searchPath }, maxBuffer: 16 * 1024 * 1024, timeout: 120_000 };
  const { stdout } = await execute(file, args, signal === undefined ? options : { ...options, signal });
  return stdout.trim();
}
