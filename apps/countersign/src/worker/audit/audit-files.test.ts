import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSigner, generateSigningKey } from '@countersign/evidence/node';
import { tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { AuditFiles } from './audit-files.ts';
import { entriesIn, factOf, ownerOf } from './fixture/facts.ts';

const stepsOf = (entries: Awaited<ReturnType<typeof entriesIn>>) =>
  entries.map(({ note, step }) => (step === null ? note : step.index));

/** A folder for an audit, and the one in it where `shop-1` writes. */
function places(): { folder: string; own: string } {
  const folder = join(tempFolder(), 'audit');
  return { folder, own: join(folder, 'shop-1') };
}

it('keeps what is noted, in order, signed, for its owner alone; the next process goes on (DO-1)', async () => {
  const { folder, own } = places();
  const signer = createSigner(generateSigningKey(), 'countersign/worker');
  const audit = await AuditFiles.open(folder, ownerOf(signer));
  await Promise.all([1, 2, 3].map((index) => audit.record(factOf(index))));
  await audit.record(factOf(4));
  await audit.close();
  const again = await AuditFiles.open(folder, ownerOf(signer));
  await again.record(factOf(5));
  await again.close();
  const entries = await entriesIn(own);
  expect(stepsOf(entries)).toEqual(['opened', 1, 2, 3, 4, 'opened', 5]);
  expect(entries.every(({ signature, torn }) => signature !== null && torn === null)).toBe(true);
  expect(readdirSync(own)).toEqual(['000000000000.jsonl']);
  expect(statSync(join(own, '000000000000.jsonl')).mode & 0o777).toBe(0o600);
  expect(statSync(own).mode & 0o777).toBe(0o700);
});

it('a killed process loses nothing that it had said was noted, and the next says where it was cut', async () => {
  const { folder, own } = places();
  const script = fileURLToPath(new URL('fixture/write-until-killed.ts', import.meta.url));
  let said = 0;
  for (let life = 0; life < 4; life += 1) {
    const child = spawn(process.execPath, [script, folder, String(said)], { stdio: ['ignore', 'pipe', 'inherit'] });
    let heard = '';
    child.stdout.on('data', (chunk) => {
      heard += String(chunk);
    });
    await once(child.stdout, 'data');
    await sleep(20 + 13 * life);
    child.kill('SIGKILL');
    await once(child, 'close');
    said = Number(heard.trim().split('\n').at(-1)) + 1;
  }
  const noted = new Set(stepsOf(await entriesIn(own)));
  for (let index = 0; index < said; index += 1) expect(noted.has(index), `step ${index} of ${said}`).toBe(true);
});

it.each([
  ['a half line', '{"action":"half', false],
  ['zeroes', '\0\0\0\0', false],
  ['a line that was changed while nobody wrote', '{"action":"whole"}\n', true],
])('%s at the end is named by the next process, never taken away, and no obstacle', async (_what, left, closed) => {
  const { folder, own } = places();
  await (await AuditFiles.open(folder, ownerOf())).close();
  const file = join(own, '000000000000.jsonl');
  appendFileSync(file, left);
  const audit = await AuditFiles.open(folder, ownerOf());
  await audit.record(factOf(1));
  await audit.close();
  expect(readFileSync(file, 'utf8')).toContain(left);
  const said = `"torn":{"bytes":${left.trimEnd().length},"closed":${closed},`;
  expect(readFileSync(file, 'utf8')).toContain(said);
  if (closed) await expect(entriesIn(own)).rejects.toThrow('2: it was changed');
  else expect(stepsOf(await entriesIn(own))).toEqual(['opened', 'opened', 1]);
});

it('a whole line that lacks only its newline is gone on behind', async () => {
  const { folder, own } = places();
  await (await AuditFiles.open(folder, ownerOf())).close();
  const file = join(own, '000000000000.jsonl');
  writeFileSync(file, readFileSync(file, 'utf8').trimEnd());
  await (await AuditFiles.open(folder, ownerOf())).close();
  expect((await entriesIn(own)).map(({ torn }) => torn)).toEqual([null, null]);
});

it('a process that ends before its first line is written leaves what it found as it was', async () => {
  const { folder, own } = places();
  await (await AuditFiles.open(folder, ownerOf())).close();
  const file = join(own, '000000000000.jsonl');
  appendFileSync(file, '{"action":"half');
  const found = readFileSync(file, 'utf8');
  const ending = {
    ...ownerOf(),
    now: () => {
      throw new Error('it ends here');
    },
  };
  await expect(AuditFiles.open(folder, ending)).rejects.toMatchObject({ code: 'E_STORE' });
  expect(readFileSync(file, 'utf8')).toBe(found);
  await (await AuditFiles.open(folder, ownerOf())).close();
  expect(stepsOf(await entriesIn(own))).toEqual(['opened', 'opened']);
});

it('a process without a key does not go on where one with a key signed', async () => {
  const { folder, own } = places();
  const signer = createSigner(generateSigningKey(), 'countersign/worker');
  await (await AuditFiles.open(folder, ownerOf(signer))).close();
  const refused = { code: 'E_STORE', detail: { next: expect.stringContaining('--name') } };
  await expect(AuditFiles.open(folder, ownerOf())).rejects.toMatchObject(refused);
  await (await AuditFiles.open(folder, ownerOf(signer))).close();
  expect(stepsOf(await entriesIn(own))).toEqual(['opened', 'opened']);
});

it('two that take each other for gone, as in two containers with one volume, write one chain', async () => {
  const { folder, own } = places();
  const [one, other] = [await AuditFiles.open(folder, ownerOf()), await AuditFiles.open(folder, ownerOf())];
  await one.record(factOf(1));
  await other.record(factOf(2));
  await one.record(factOf(3));
  await one.record(factOf(4));
  await Promise.all([one.close(), other.close()]);
  expect(stepsOf(await entriesIn(own))).toEqual(['opened', 'opened', 'opened', 1, 'opened', 2, 'opened', 3, 4]);
});

it('goes over to another file in time and never takes more than its share of the disk', async () => {
  const { folder, own } = places();
  const limits = { fileBytes: 2000, totalBytes: 8000 };
  const audit = await AuditFiles.open(folder, ownerOf(), limits);
  for (let index = 0; index < 60; index += 1) await audit.record(factOf(index));
  await audit.close();
  const files = readdirSync(own).toSorted();
  expect(files.length).toBeGreaterThan(1);
  const bytes = files.reduce((sum, name) => sum + statSync(join(own, name)).size, 0);
  expect(bytes).toBeLessThanOrEqual(limits.totalBytes);
  const entries = await entriesIn(own);
  expect(entries.at(-1)?.step?.index).toBe(59);
  expect(files[0]).toBe(`${String(entries[0]?.seq).padStart(12, '0')}.jsonl`);
  // What a kill left in the very first line of a new file follows the file before it.
  writeFileSync(join(own, `${String(61).padStart(12, '0')}.jsonl`), '{"act');
  const again = await AuditFiles.open(folder, ownerOf(), limits);
  await again.record(factOf(60));
  await again.close();
  expect(stepsOf(await entriesIn(own)).slice(-3)).toEqual([59, 'opened', 60]);
});

it('says that it cannot write, and goes on once it can', async () => {
  const { folder, own } = places();
  const audit = await AuditFiles.open(folder, ownerOf(), { fileBytes: 1, totalBytes: 1_000_000 });
  renameSync(own, `${own}.away`);
  writeFileSync(own, 'in the way');
  const refused = {
    code: 'E_STORE',
    message: expect.stringContaining('own audit cannot be written'),
    detail: { next: expect.stringContaining(own) },
  };
  await expect(audit.record(factOf(1))).rejects.toMatchObject(refused);
  rmSync(own);
  renameSync(`${own}.away`, own);
  await audit.record(factOf(2));
  await audit.close();
  expect(stepsOf(await entriesIn(own))).toEqual(['opened', 'opened', 2]);
});

it('one process at a time writes it; one that is gone keeps nobody out', async () => {
  const { folder, own } = places();
  mkdirSync(own, { recursive: true });
  const lock = join(own, 'lock');
  const sleeper = spawn('sleep', ['60'], { stdio: 'ignore' });
  const started = readFileSync(`/proc/${sleeper.pid}/stat`, 'utf8').split(' ')[21];
  writeFileSync(lock, `${sleeper.pid} ${started}\n`);
  await expect(AuditFiles.open(folder, ownerOf())).rejects.toMatchObject({
    code: 'E_STORE',
    message: expect.stringContaining(`process ${sleeper.pid} writes`),
  });
  expect(readdirSync(own)).toEqual(['lock']);
  // The same id, given to another process since.
  writeFileSync(lock, `${sleeper.pid} ${Number(started) - 1}\n`);
  await (await AuditFiles.open(folder, ownerOf())).close();
  writeFileSync(lock, `${sleeper.pid} ${started}\n`);
  sleeper.kill('SIGKILL');
  await once(sleeper, 'close');
  await (await AuditFiles.open(folder, ownerOf())).close();
  expect(stepsOf(await entriesIn(own))).toEqual(['opened', 'opened']);
});
