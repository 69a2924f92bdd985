import { type SpawnOptions, spawn } from 'node:child_process';

/** How a child process ended. */
export interface ChildExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** A running child process whose output is kept. */
export interface RunningChild extends AsyncDisposable {
  readonly pid: number;
  readonly exited: Promise<ChildExit>;
  stdout(): string;
  stderr(): string;
  /** Waits for output (of either stream, also output already there) that matches; throws at exit or time-out. */
  waitFor(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** Sends a signal, SIGKILL unless told otherwise, and waits for the end. */
  kill(signal?: NodeJS.Signals): Promise<ChildExit>;
}

const defaultTimeoutMs = 20_000;

/** Starts a program without a shell. It is killed by `await using` and when the test process ends. */
export async function startChild(
  program: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env'> & { readonly input?: string } = {},
): Promise<RunningChild> {
  const { input, ...spawnOptions } = options;
  const child = spawn(program, args, { ...spawnOptions, stdio: ['pipe', 'pipe', 'pipe'] });
  const output = { stdout: '', stderr: '' };
  const watchers = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk;
      for (const watch of watchers) watch();
    });
  // A child that ended before it read its input is judged by its exit, not by the broken pipe.
  child.stdin.on('error', () => {});
  child.stdin.end(input ?? '');
  await new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  const killAtExit = () => child.kill('SIGKILL');
  process.once('exit', killAtExit);
  let ended: ChildExit | undefined;
  const exited = new Promise<ChildExit>((resolve) =>
    child.once('close', (code, signal) => {
      process.off('exit', killAtExit);
      ended = { code, signal };
      resolve(ended);
    }),
  );

  const waitFor = (pattern: RegExp, timeoutMs = defaultTimeoutMs) =>
    new Promise<RegExpExecArray>((resolve, reject) => {
      const fail = (why: string) => {
        finish();
        reject(new Error(`${program} ${args.join(' ')}: ${why} before ${pattern}\n${output.stdout}${output.stderr}`));
      };
      const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
      const finish = () => {
        clearTimeout(timer);
        watchers.delete(look);
      };
      const look = () => {
        const match = new RegExp(pattern).exec(output.stdout) ?? new RegExp(pattern).exec(output.stderr);
        if (!match) return;
        finish();
        resolve(match);
      };
      watchers.add(look);
      look();
      void exited.then(({ code, signal }) => watchers.has(look) && fail(`ended with ${signal ?? code}`));
    });

  const kill = async (signal: NodeJS.Signals = 'SIGKILL') => {
    if (!ended) child.kill(signal);
    return exited;
  };
  return {
    pid: child.pid ?? 0,
    exited,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    waitFor,
    kill,
    [Symbol.asyncDispose]: async () => {
      await kill();
    },
  };
}
