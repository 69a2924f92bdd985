import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { type RunningChild, startChild } from '@countersign/testing';

const execute = promisify(execFile);
const ip = async (...args: readonly string[]): Promise<void> => void (await execute('ip', [...args]));

/** A host of its own: a network namespace that reaches this one by one cable, which can be pulled. Needs root. */
export interface OtherHost extends AsyncDisposable {
  /** This machine, as the other host reaches it. */
  readonly here: string;
  /** Starts a program over there. */
  start(program: string, args: readonly string[], options: Parameters<typeof startChild>[2]): Promise<RunningChild>;
  /** Runs a program over there to its end; answers its exit code. */
  run(program: string, args: readonly string[]): Promise<number | null>;
  cutOff(): Promise<void>;
  mend(): Promise<void>;
}

/** Makes a host. `number` (1 to 250) keeps the networks of two apart. */
export async function openOtherHost(number: number): Promise<OtherHost> {
  const name = `countersign-${process.pid}-${number}`;
  const [cable, end] = [`cs${process.pid % 100000}h${number}`, `cs${process.pid % 100000}w${number}`];
  const [here, there] = [`10.213.${number}.1`, `10.213.${number}.2`];
  await ip('netns', 'add', name);
  try {
    await ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', end, 'netns', name);
    await ip('addr', 'add', `${here}/30`, 'dev', cable);
    await ip('link', 'set', cable, 'up');
    await ip('-n', name, 'addr', 'add', `${there}/30`, 'dev', end);
    await ip('-n', name, 'link', 'set', end, 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    await ip('netns', 'del', name);
    throw error;
  }
  const start: OtherHost['start'] = (program, args, options) =>
    startChild('ip', ['netns', 'exec', name, program, ...args], options);
  return {
    here,
    start,
    async run(program, args) {
      const child = await start(program, args, {});
      return (await child.exited).code;
    },
    cutOff: () => ip('link', 'set', cable, 'down'),
    mend: () => ip('link', 'set', cable, 'up'),
    // The cable goes with the namespace that holds its other end.
    [Symbol.asyncDispose]: () => ip('netns', 'del', name),
  };
}
