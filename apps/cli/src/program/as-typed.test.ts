import { expect, it } from 'vitest';
import { asTyped } from './as-typed.ts';

it.each([
  ['countersign start 01', 'npx countersign start 01'],
  ['see `countersign targets`', 'see `npx countersign targets`'],
  [
    'the same with --yes, or on a terminal: countersign start 01',
    'the same with --yes, or on a terminal: npx countersign start 01',
  ],
  ['npx countersign serve', 'npx countersign serve'],
  ['add it to countersign.yaml', 'add it to countersign.yaml'],
  ['Countersign 0.1.0', 'Countersign 0.1.0'],
])('%j is typed as it was begun', (said, typed) => {
  expect(asTyped(said, { npm_command: 'exec' })).toBe(typed);
  expect(asTyped(said, {})).toBe(said);
  expect(asTyped(said, { npm_command: 'run-script' })).toBe(said);
});
