import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { expect, test } from 'vitest';
import { openArtifacts } from './open-artifacts.ts';

const bytes = new TextEncoder().encode('the output of a run');
const sha256 = createHash('sha256').update(bytes).digest('hex');

function placeOf(root: string): string {
  return join(root, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

test('bytes are kept once under their hash, private to the owner, with nothing left beside them', async () => {
  const root = join(tempFolder(), 'artifacts');
  const files = await openArtifacts(root);
  const answers = await Promise.all(Array.from({ length: 10 }, () => files.put(bytes)));
  expect(answers).toEqual(Array.from({ length: 10 }, () => ({ sha256, sizeBytes: bytes.length })));
  expect(readFileSync(placeOf(root))).toEqual(Buffer.from(bytes));
  expect(statSync(placeOf(root)).mode & 0o777).toBe(0o600);
  expect(readdirSync(root)).toEqual([sha256.slice(0, 2)]);
  expect(await (await openArtifacts(root)).get(sha256)).toStrictEqual(bytes);
});

test('empty bytes are bytes; an unknown hash is null', async () => {
  const files = await openArtifacts(tempFolder());
  const empty = await files.put(new Uint8Array());
  expect(await files.get(empty.sha256)).toStrictEqual(new Uint8Array());
  expect(await files.get(sha256)).toBeNull();
});

test('what is not a hash never becomes a path', async () => {
  const folder = tempFolder();
  writeFileSync(join(folder, 'secret'), 'x');
  const files = await openArtifacts(join(folder, 'artifacts'));
  for (const name of ['../secret', '../../secret', `${sha256}/..`, sha256.toUpperCase(), '', `${sha256}\n`]) {
    expect(await files.get(name)).toBeNull();
  }
});

test('a damaged file is refused, and mended by putting it again', async () => {
  const root = tempFolder();
  const files = await openArtifacts(root);
  await files.put(bytes);
  writeFileSync(placeOf(root), 'tampered');
  await expect(files.get(sha256)).rejects.toMatchObject({ code: 'E_STORE' });
  await files.put(bytes);
  expect(await files.get(sha256)).toStrictEqual(bytes);
});

test('the volume says how large it is and what is free, in bytes', async () => {
  const root = join(tempFolder(), 'artifacts');
  const { sizeBytes, freeBytes } = await (await openArtifacts(root)).space();
  const lines = execFileSync('df', ['-B1', '--output=size,avail', root], { encoding: 'utf8' }).trim().split('\n');
  const [size = 0, free = 0] = (lines[1] ?? '').trim().split(/ +/).map(Number);
  expect(sizeBytes).toBe(size);
  // Others write meanwhile.
  expect(Math.abs(freeBytes - free)).toBeLessThan(sizeBytes / 20);
});
