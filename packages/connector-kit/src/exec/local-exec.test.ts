import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder, waitUntil } from '@countersign/testing';
import { expect, it } from 'vitest';
import { localExec } from './local-exec.ts';

/** A program that takes a lock, says so and waits; `onTerm` is what it does when it is asked to end. */
function locking(folder: string, onTerm: string): string {
  const file = join(folder, 'program.mjs');
  const lock = JSON.stringify(join(folder, 'lock'));
  writeFileSync(
    file,
    `import { rmSync, writeFileSync } from 'node:fs';
process.on('SIGTERM', () => { ${onTerm.replace('LOCK', lock)} });
writeFileSync(${lock}, '');
setInterval(() => {}, 1000);`,
  );
  return file;
}

async function cancelled(onTerm: string) {
  const folder = tempFolder();
  const abort = new AbortController();
  const lock = join(folder, 'lock');
  const running = localExec.run({
    file: process.execPath,
    args: [locking(folder, onTerm)],
    env: {},
    signal: abort.signal,
    timeoutMs: 60_000,
    maxBytes: 1000,
  });
  await waitUntil('it has its lock', () => existsSync(lock));
  const since = performance.now();
  abort.abort();
  return { result: await running, locked: existsSync(lock), tookMs: performance.now() - since };
}

it('a cancelled program can take its lock away before it ends', async () => {
  const { result, locked } = await cancelled('rmSync(LOCK); process.exit(143);');
  expect([result.code, locked]).toEqual([143, false]);
});

it('one that does not listen is killed soon after', async () => {
  const { result, tookMs } = await cancelled('');
  expect(result.signal).toBe('SIGKILL');
  expect(tookMs).toBeGreaterThanOrEqual(900);
  expect(tookMs).toBeLessThan(10_000);
});
