import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tempFolder } from '@countersign/testing';
import { expect, it } from 'vitest';
import { compareContracts, writeContracts } from './contracts-folder.ts';

const contracts = new Map([
  ['openapi.json', '{}\n'],
  ['schemas/plan.json', '{"a":1}\n'],
]);

it('names what is missing, changed and left over, and mends all three', () => {
  const folder = tempFolder();
  mkdirSync(join(folder, 'schemas'));
  writeFileSync(join(folder, 'schemas/plan.json'), '{"a":2}\n');
  writeFileSync(join(folder, 'schemas/old.json'), '{}\n');
  const differences = [
    { path: 'openapi.json', kind: 'missing' },
    { path: 'schemas/plan.json', kind: 'changed' },
    { path: 'schemas/old.json', kind: 'left over' },
  ];
  expect(compareContracts(folder, contracts)).toEqual(differences);
  expect(writeContracts(folder, contracts)).toEqual(differences);
  expect(compareContracts(folder, contracts)).toEqual([]);
  expect(readFileSync(join(folder, 'schemas/plan.json'), 'utf8')).toBe('{"a":1}\n');
});

it('finds every file missing where there is no folder yet', () => {
  expect(compareContracts(join(tempFolder(), 'none'), contracts).map(({ kind }) => kind)).toEqual([
    'missing',
    'missing',
  ]);
});
