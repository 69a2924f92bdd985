import { readdirSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { makeManualClock, tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { openHostCodes } from './host-codes.ts';

it('writes a code that only the owner reads, takes it away, and sweeps up what was left', async () => {
  const folder = tempFolder();
  const codes = openHostCodes(folder, makeManualClock());
  const path = await codes.write('one', 'csh_secret');
  expect(readFileSync(path, 'utf8')).toBe('csh_secret\n');
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'step-up')).mode & 0o777).toBe(0o700);
  await expect(codes.write('one', 'another')).rejects.toThrow('EEXIST');
  await codes.remove('one');
  await codes.remove('one');
  const left = await codes.write('two', 'csh_left');
  utimesSync(left, 0, 0);
  await codes.write('three', 'csh_new');
  expect(readdirSync(join(folder, 'step-up'))).toEqual(['three.code']);
});
