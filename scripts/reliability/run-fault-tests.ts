import { spawn } from 'node:child_process';
import { repositoryRoot } from '../repository-root.ts';

async function run(command: string, args: readonly string[]): Promise<boolean> {
  // Every test to its full depth, and those that are too long for every run.
  const env = { COUNTERSIGN_FAULTS: 'full', ...process.env };
  const child = spawn(command, args, { cwd: repositoryRoot, stdio: 'inherit', env });
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('exit', resolve));
  return code === 0;
}

/** Why the live fault tests cannot run here, or null. */
function liveObstacle(): string | null {
  if (process.getuid?.() !== 0) return 'they need root';
  return process.platform === 'linux' ? null : 'they need Linux';
}

/** Runs the fault tests, and the live ones where they can run; answers whether all passed. What cannot run is told. */
export async function runFaultTests(): Promise<boolean> {
  const vitest = 'node_modules/vitest/vitest.mjs';
  const fault = await run(process.execPath, [vitest, 'run', '--project', 'fault']);
  const kill = await run(process.execPath, [vitest, 'run', '--project', 'kill']);
  const faults = fault && kill;
  const obstacle = liveObstacle();
  if (obstacle !== null) {
    console.error(
      `The live fault tests do not run: ${obstacle}. Their rows keep what an earlier run left, or show no evidence.`,
    );
    return faults;
  }
  const live = await run('bash', ['scripts/test-live.sh', 'test/fault']);
  return faults && live;
}
