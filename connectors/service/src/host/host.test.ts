import { localExec } from '@countersign/connector-kit';
import { expect, it } from 'vitest';
import { Host, startToken } from './host.ts';
import { ownProcesses, parentIn } from './own-processes.ts';

const signal = new AbortController().signal;
const boot = 'dadb1b65-e046-4530-af23-861e9589cd6b';
const stat =
  '1 (systemd) S 0 1 1 0 -1 4194560 5880 24525 0 0 20 45 20 18 20 0 1 0 2746999 104419328 2996 18446744073709551615';

it.each([
  ['a process as the kernel tells it', `${stat}\n${boot}\n`, 'dadb1b65.2746999'],
  ['a program whose name looks like fields', `${stat.replace('systemd', ') S 0 (9')}\n${boot}\n`, 'dadb1b65.2746999'],
  ['a process that is gone', `${boot}\n`, ''],
  ['nothing', '', ''],
])('%s', (_what, text, token) => {
  expect(startToken(text)).toBe(token);
});

it('tells this process from every other, and finds those that it descends from', async () => {
  const host = new Host(localExec);
  const own = await host.processStart(process.pid, signal);
  expect(own).toMatch(/^[0-9a-f]{8}\.\d+$/);
  expect(await host.processStart(process.pid, signal)).toBe(own);
  expect(await host.processStart(process.ppid, signal)).not.toBe(own);
  expect(await host.processStart(0, signal)).toBe('');
  const ancestors = await ownProcesses();
  expect([ancestors.has(process.pid), ancestors.has(process.ppid), ancestors.has(1)]).toEqual([true, true, true]);
});

it('reads the parent whatever the program is called', () => {
  expect(parentIn('42 (a) S 7 (b) S 9) R 41 42 42')).toBe(41);
  expect(parentIn('')).toBe(0);
});

it('reads files that are there and folders that are not', async () => {
  const host = new Host(localExec);
  expect(await host.readFiles(['/nowhere/at-all', '/proc/sys/kernel/hostname'], signal)).toMatch(/\S/);
  expect(await host.readFiles(['/nowhere/at-all'], signal)).toBeUndefined();
  expect(await host.readFiles([], signal)).toBeUndefined();
  expect([await host.hasFolder('/proc', signal), await host.hasFolder('/nowhere/at-all', signal)]).toEqual([
    true,
    false,
  ]);
  expect(await host.identity(signal)).toMatch(/\S/);
});

it('does nothing more once it is closed', async () => {
  const host = new Host(localExec);
  await host.close();
  await expect(host.hasFolder('/proc', signal)).rejects.toMatchObject({ code: 'E_CANCELLED', effect: 'none' });
});
