import { expect, it } from 'vitest';
import { startChild } from './child.ts';

const node = process.execPath;

it('waits for a line that is already there and for one that comes later', async () => {
  await using child = await startChild(node, ['-e', "console.log('one'); setTimeout(() => console.log('two 2'), 50)"]);
  await child.waitFor(/one/);
  const match = await child.waitFor(/two (\d)/);
  expect(match[1]).toBe('2');
  await child.waitFor(/one/);
  expect(await child.exited).toEqual({ code: 0, signal: null });
});

it('says what the program wrote when it ends before the line', async () => {
  await using child = await startChild(node, ['-e', "console.error('broken'); process.exit(3)"]);
  await expect(child.waitFor(/ready/)).rejects.toThrow(/ended with 3 before \/ready\/\nbroken/);
});

it('gives up waiting at the time-out', async () => {
  await using child = await startChild(node, ['-e', 'setInterval(() => {}, 1000)']);
  await expect(child.waitFor(/ready/, 50)).rejects.toThrow('50 ms passed');
});

it('kills with SIGKILL, which no program can catch', async () => {
  const program = "process.on('SIGTERM', () => {}); console.log('up'); setInterval(() => {}, 1000)";
  const child = await startChild(node, ['-e', program]);
  await child.waitFor(/up/);
  expect(await child.kill()).toEqual({ code: null, signal: 'SIGKILL' });
});

it('refuses a program that does not exist', async () => {
  await expect(startChild('/nonexistent/program', [])).rejects.toThrow('ENOENT');
});
