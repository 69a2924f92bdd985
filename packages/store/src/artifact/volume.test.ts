import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { expect, test } from 'vitest';
import { proveWritable } from './volume.ts';

test('a folder that takes a file passes and keeps nothing of it; one that does not is named', async () => {
  const folder = tempFolder();
  await proveWritable(folder, 'artifacts');
  expect(readdirSync(folder)).toEqual([]);
  const notAFolder = join(folder, 'file');
  writeFileSync(notAFolder, '');
  await expect(proveWritable(notAFolder, 'evidence')).rejects.toMatchObject({
    code: 'E_STORE',
    detail: { volume: 'evidence', code: 'EEXIST' },
  });
});
