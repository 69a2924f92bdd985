import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '@countersign/testing';
import { afterEach, expect, it } from 'vitest';
import { takeAuditLock } from './audit-lock.ts';

const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

/** A process that takes locks 0 to `count` - 1 in `folder`; the numbers of those that it got. */
async function takes(folder: string, count: number, begin: number): Promise<number[]> {
  const script = fileURLToPath(new URL('fixture/take-locks.ts', import.meta.url));
  const args = [script, folder, String(count), String(begin), '40'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const [said] = await once(child.stdout, 'data');
  return JSON.parse(String(said));
}

it('of several that start over a lock that was left, one at most takes it (DO-1)', async () => {
  const folder = tempFolder();
  const count = 100;
  for (let index = 0; index < count; index += 1) writeFileSync(join(folder, String(index)), '4194304 1\n');
  const begin = Date.now() + 2500;
  const [one = [], other = []] = await Promise.all([takes(folder, count, begin), takes(folder, count, begin)]);
  expect(one.filter((index) => other.includes(index))).toEqual([]);
  expect(one.length + other.length).toBeGreaterThan(count / 2);
});

it('gives back its own alone', () => {
  const path = join(tempFolder(), 'lock');
  const release = takeAuditLock(path);
  writeFileSync(path, '1 1\n');
  release();
  expect(readFileSync(path, 'utf8')).toBe('1 1\n');
});

it('says why it cannot be written', () => {
  const path = join(tempFolder(), 'gone', 'lock');
  expect(() => takeAuditLock(path)).toThrow(
    expect.objectContaining({
      code: 'E_STORE',
      message: expect.stringMatching(/lock cannot be written: ENOENT/),
      detail: { next: expect.stringContaining('room') },
    }),
  );
});
