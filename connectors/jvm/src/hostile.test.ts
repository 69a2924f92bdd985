import type { Exec } from '@countersign/connector-kit';
import { JsonObject } from '@countersign/protocol';
import { hostileValues } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { jvmConnector } from './index.ts';

const seed = Number(process.env['COUNTERSIGN_SEED'] ?? Date.now() % 1_000_000);
const values = hostileValues(seed, 10_000);
const about = ['jvm.status', 'jvm.thread_dump', 'jvm.heap_info', 'jvm.gc'];
const quiet = {
  signal: new AbortController().signal,
  outputCapBytes: 100_000,
  output: async () => true,
  progress: () => undefined,
};
/** All that a jcmd is ever asked: nothing of it comes from a value. */
const commands = [
  '-l',
  'PerfCounter.print',
  'VM.flags',
  'VM.version\nVM.uptime\nGC.heap_info',
  'GC.heap_info',
  'Thread.print -l',
  'GC.run',
];

function parsed(action: string, inputs: JsonObject) {
  const answer = jvmConnector.actions.find(({ name }) => name === action)?.inputs.safeParse(inputs);
  return answer?.success === true
    ? { index: 0, action, inputs: JsonObject.parse(answer.data), idempotencyKey: 'key' }
    : undefined;
}

/** Runs whatever the value is accepted for, on a host whose one JVM has that name and the number 4711. */
async function asked(value: string): Promise<string[][]> {
  const lists: string[][] = [];
  const exec: Exec = {
    async run({ file, args }) {
      lists.push([file, ...args]);
      const said = args[0] === '-l' ? `4711 ${value}\n` : 'sun.rt.createVmBeginTime=5\n';
      return {
        code: 0,
        signal: null,
        stdout: Buffer.from(said),
        stderr: new Uint8Array(),
        timedOut: false,
        truncated: false,
      };
    },
  };
  const target = jvmConnector.connect({}, { exec, now: () => 0 });
  const step = { index: 0, action: 'jvm.gc', inputs: { jvm: value }, idempotencyKey: 'key' };
  for (const action of about.slice(0, 3)) await target.read({ ...step, action }, quiet).catch(missing);
  await target.plan([step], quiet);
  const { guard } = await target.observe([step], quiet);
  const before = await target.before(step, guard, quiet).catch(missing);
  if (before !== undefined) await target.apply(step, before, guard, quiet);
  await target.close();
  return lists;
}

/** A value that is a number names a JVM that is not there. */
function missing(error: unknown): undefined {
  expect(error).toMatchObject({ code: 'E_TARGET_MISSING' });
}

describe(`DO-21 10,000 hostile values, seed ${seed}`, () => {
  it('are refused by every schema alike unless they are a name or a number', () => {
    const taken = values.filter((value) => {
      const answers = about.map((action) => parsed(action, { jvm: value }) !== undefined);
      expect(new Set(answers).size, value).toBe(1);
      return answers[0];
    });
    expect(taken.length).toBeGreaterThan(50);
    for (const value of taken) expect(value).toMatch(/^(?:[1-9]\d{0,9}|[A-Za-z_$][A-Za-z0-9_.$-]*)$/);
  });

  it('reach no process: jcmd is given numbers that it listed itself, and commands of ours', {
    timeout: 120_000,
  }, async () => {
    const accepted = [...new Set(values.filter((value) => parsed('jvm.gc', { jvm: value }) !== undefined))];
    let withNumber = 0;
    for (const value of accepted) {
      for (const [file, ...args] of await asked(value)) {
        expect(file).toBe('jcmd');
        expect(commands).toContain(args.at(-1));
        expect(args.length === 1 || (args.length === 2 && args[0] === '4711')).toBe(true);
        withNumber += args.length - 1;
      }
    }
    expect(withNumber).toBeGreaterThan(100);
  });

  it('as a filter they change nothing that is asked', async () => {
    const lists: string[][] = [];
    const exec: Exec = {
      async run({ file, args }) {
        lists.push([file, ...args]);
        return {
          code: 0,
          signal: null,
          stdout: new Uint8Array(),
          stderr: new Uint8Array(),
          timedOut: false,
          truncated: false,
        };
      },
    };
    const target = jvmConnector.connect({}, { exec, now: () => 0 });
    for (const value of values) {
      const step = parsed('jvm.list', { name: value });
      if (step !== undefined) await target.read(step, quiet);
    }
    expect(new Set(lists.map((list) => list.join(' ')))).toEqual(new Set(['jcmd -l']));
  });
});
