import { spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { text } from 'node:stream/consumers';

/** How a program ended. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

const longestMs = 90_000;

/**
 * Runs a program of a pinned npm package through npx, with this Node. The packages in question bring some 120 others each, so
 * that they are no development dependencies; the registry, or npm's cache, has to be at hand. A program that does not end is
 * ended with everything it started, and the test fails.
 */
export async function runNpx(program: string, args: readonly string[]): Promise<Ended> {
  const env = { ...process.env, PATH: `${dirname(process.execPath)}:${process.env['PATH'] ?? ''}` };
  const child = spawn('npx', ['-y', program, ...args], { env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  }, longestMs);
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  clearTimeout(timer);
  if (late) throw new Error(`${program} ${args.join(' ')} did not end within ${longestMs} ms:\n${stdout}\n${stderr}`);
  return { code, stdout, stderr };
}
