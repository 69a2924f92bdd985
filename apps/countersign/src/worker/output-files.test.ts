import { appendFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import type { StreamEvent } from '@countersign/protocol';
import { tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { OutputFiles } from './output-files.ts';

const [op, job, other] = ['01', '02', '03'].map((end) => `01890000-0000-7000-8000-0000000000${end}`);
const opId = op ?? '';
const claim = (fence: number, jobId = job ?? '') => ({ job_id: jobId, fence });
const said = (first: number, message: string) => {
  const event: StreamEvent = { type: 'progress', step: 0, message, fraction: null };
  return { first, events: [event] };
};

it('what is kept is there for the next process, by claim and in order, for its owner alone; a torn line costs itself', async () => {
  const folder = join(tempFolder(), 'unsent');
  const files = await OutputFiles.open(folder, Date.now());
  await files.keep(opId, claim(10), said(1, 'later'));
  await files.keep(opId, claim(2), said(1, 'a\nb'));
  await files.keep(opId, claim(2), said(2, 'c'));
  await files.keep(other ?? '', claim(1), said(1, 'of another'));
  const [first = ''] = readdirSync(folder);
  expect(statSync(join(folder, first)).mode & 0o777).toBe(0o600);
  appendFileSync(join(folder, `${opId}.${job}.2.jsonl`), '{"first":3,"events":[{"type":"prog');
  const again = await OutputFiles.open(folder, Date.now());
  await again.keep(opId, claim(2), said(4, 'd'));
  expect(await again.kept(opId)).toEqual([
    { writer: claim(2), said: [said(1, 'a\nb'), said(2, 'c'), said(4, 'd')] },
    { writer: claim(10), said: [said(1, 'later')] },
  ]);
  await again.drop(opId, claim(2));
  await again.drop(opId, claim(77));
  expect((await again.kept(opId)).map(({ writer }) => writer)).toEqual([claim(10)]);
});

it('the disk is not filled, and what nobody asked for goes', async () => {
  const folder = tempFolder();
  const limits = { totalBytes: 300, keepMs: 60_000 };
  const files = await OutputFiles.open(folder, Date.now(), limits);
  await files.keep(opId, claim(1), said(1, 'x'.repeat(100)));
  await expect(files.keep(opId, claim(1), said(2, 'x'.repeat(200)))).rejects.toMatchObject({
    code: 'E_STORE',
    detail: { next: expect.any(String) },
  });
  // What stands from before counts as well.
  const again = await OutputFiles.open(folder, Date.now(), limits);
  await expect(again.keep(opId, claim(2), said(1, 'x'.repeat(200)))).rejects.toMatchObject({ code: 'E_STORE' });
  await again.drop(opId, claim(1));
  await again.keep(opId, claim(2), said(1, 'x'.repeat(150)));
  const [name = ''] = readdirSync(folder);
  utimesSync(join(folder, name), 1, 1);
  const later = await OutputFiles.open(folder, Date.now(), limits);
  expect(await later.kept(opId)).toEqual([]);
});
