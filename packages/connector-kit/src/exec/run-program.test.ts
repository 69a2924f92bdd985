import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tempFolder, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { localExec } from './local-exec.ts';
import { type ProgramCall, runProgram } from './run-program.ts';

const never = new AbortController().signal;

function run(script: string, changes: Partial<ProgramCall> = {}) {
  const call = { what: 'try it', file: process.execPath, args: ['-e', script], timeoutMs: 20_000, maxBytes: 10_000 };
  return runProgram(localExec, { ...call, effect: 'none', signal: never, closed: never, ...changes });
}

/** Says `ready`, and a second later leaves a file. */
const slow = (path: string) =>
  `console.log('ready'); setTimeout(() => require('node:fs').writeFileSync(${JSON.stringify(path)}, ''), 1000)`;

async function cancelled(effect: 'none' | 'maybe') {
  const left = join(tempFolder(), 'left');
  const abort = new AbortController();
  const running = run(slow(left), { effect, signal: abort.signal });
  await sleep(300);
  abort.abort();
  await expect(running).rejects.toMatchObject({ code: 'E_CANCELLED', effect });
  return left;
}

it('answers exit code and output, in the C locale and UTC', async () => {
  const answer = await run("console.log(process.env.LC_ALL, process.env.TZ); console.error('no'); process.exit(3)");
  expect(answer).toEqual({ code: 3, stdout: 'C UTC\n', stderr: 'no\n' });
});

it('a cancelled program that changes something is left to its end', async () => {
  const left = await cancelled('maybe');
  await waitUntil('it came to its end', () => existsSync(left));
});

it('one that only looks is ended', async () => {
  const left = await cancelled('none');
  await sleep(1500);
  expect(existsSync(left)).toBe(false);
});

it('nothing starts on an aborted signal', async () => {
  const left = join(tempFolder(), 'left');
  const script = `require('node:fs').writeFileSync(${JSON.stringify(left)}, '')`;
  await expect(run(script, { effect: 'maybe', signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'E_CANCELLED',
    effect: 'none',
  });
  await expect(run(script, { closed: AbortSignal.abort() })).rejects.toMatchObject({ code: 'E_CANCELLED' });
  expect(existsSync(left)).toBe(false);
});

it.each([
  ['takes too long', 'setTimeout(() => {}, 60_000)', { timeoutMs: 300 }, 'E_TIMEOUT'],
  ['says too much', "console.log('x'.repeat(20_000))", {}, 'E_TARGET_REFUSED'],
  ['is not there', '', { file: '/nowhere/at-all' }, 'E_TARGET_UNREACHABLE'],
])('one that %s', async (_what, script, changes, code) => {
  await expect(run(script, changes)).rejects.toMatchObject({ code, effect: 'none' });
});
