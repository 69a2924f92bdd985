import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { appendLocalAudit, localAuditPath } from './local-audit.ts';
import { chainStart, formatLine, type LocalEvent, readLink, verifyChain } from './local-entry.ts';

const event: LocalEvent = {
  phase: 'intent',
  command: 'do',
  op_id: 'op',
  bundle_id: null,
  digest: null,
  action: 'a.b',
  target: 't',
  outcome: 'asked "x"\u001b\n',
  server: 'http://s',
};
const now = () => Date.now();

async function chainOf(count: number): Promise<string> {
  const path = localAuditPath(join(tempFolder(), 'data'));
  for (let index = 0; index < count; index += 1) await appendLocalAudit(path, { ...event, command: `c${index}` }, now);
  return path;
}

test('lines are linked, private, and hold what was asked', async () => {
  const path = await chainOf(3);
  const text = readFileSync(path, 'utf8');
  expect(verifyChain(text)).toMatchObject({ ok: true, entries: 3 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(JSON.parse(text.split('\n')[0] ?? '')).toMatchObject({ ...event, command: 'c0', seq: 0, prev: chainStart });
});

test('any changed byte is seen, and so are dropped, repeated and swapped lines', async () => {
  const text = readFileSync(await chainOf(4), 'utf8');
  const lines = text.trimEnd().split('\n');
  const position = fc.tuple(fc.nat(text.length - 1), fc.integer({ min: 33, max: 126 }));
  fc.assert(
    fc.property(position, ([at, code]) => {
      const changed = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
      fc.pre(changed !== text);
      expect(verifyChain(changed).ok).toBe(false);
    }),
    { seed: 20_261_121, numRuns: 3_000 },
  );
  const join4 = (...order: number[]) => verifyChain(`${order.map((index) => lines[index]).join('\n')}\n`);
  expect(join4(0, 2, 3)).toMatchObject({ ok: false, line: 2 });
  expect(join4(0, 1, 1, 2, 3)).toMatchObject({ ok: false, line: 3 });
  expect(join4(0, 2, 1, 3)).toMatchObject({ ok: false, line: 2 });
  expect(verifyChain(text.slice(0, -1))).toMatchObject({ ok: false, reason: 'the last line is incomplete' });
});

test('a line that was forged whole does not link', async () => {
  const lines = readFileSync(await chainOf(3), 'utf8')
    .trimEnd()
    .split('\n');
  const link = readLink(lines[1] ?? '');
  const forged = formatLine({ ...event, outcome: 'nothing' }, { seq: 1, prev: link?.prev ?? '', at: 1 });
  expect(verifyChain(`${[lines[0], forged, lines[2]].join('\n')}\n`)).toMatchObject({ ok: false, line: 3 });
});

test('writers at once give one unbroken chain', async () => {
  const path = localAuditPath(tempFolder());
  await Promise.all(Array.from({ length: 25 }, () => appendLocalAudit(path, event, now)));
  expect(verifyChain(readFileSync(path, 'utf8'))).toMatchObject({ ok: true, entries: 25 });
});

test('a lock left by a killed process is taken over', async () => {
  const path = localAuditPath(tempFolder());
  writeFileSync(`${path}.lock`, '');
  await appendLocalAudit(path, event, () => Date.now() + 60_000);
  expect(verifyChain(readFileSync(path, 'utf8'))).toMatchObject({ ok: true, entries: 1 });
});

test('a damaged end or a folder that cannot be is an error with the next step, and nothing is added', async () => {
  const path = await chainOf(1);
  const damaged = `${readFileSync(path, 'utf8')}{"half":`;
  writeFileSync(path, damaged);
  await expect(appendLocalAudit(path, event, now)).rejects.toMatchObject({ code: 'E_STORE' });
  expect(readFileSync(path, 'utf8')).toBe(damaged);
  const file = join(tempFolder(), 'file');
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, '');
  chmodSync(file, 0o600);
  await expect(appendLocalAudit(localAuditPath(file), event, now)).rejects.toThrow(
    'local audit file cannot be written',
  );
});
