import { describe, expect, it } from 'vitest';
import { violationsOf } from './fixture.ts';

const planted: [wall: string, file: string, source: string][] = [
  ['protocol imports zod only', 'packages/protocol/src/a.ts', "import d from 'declared';"],
  ['protocol imports no other package', 'packages/protocol/src/a.ts', "import '@countersign/kernel';"],
  ['evidence does not know the kernel', 'packages/evidence/src/a.ts', "export * from '@countersign/kernel';"],
  ['the kernel does not know the store', 'packages/kernel/src/a.ts', "import { a } from '@countersign/store';"],
  ['the kernel has no npm packages', 'packages/kernel/src/a.ts', "import 'declared';"],
  ['type imports count', 'packages/kernel/src/a.ts', "import type { A } from '@countersign/store';"],
  ['import() types count', 'packages/kernel/src/a.ts', "export type A = import('@countersign/store').A;"],
  ['re-exports count', 'packages/policy/src/a.ts', "export { a } from '@countersign/store';"],
  ['dynamic imports count', 'packages/engine/src/a.ts', "await import('@countersign/store');"],
  ['template literals count', 'packages/engine/src/a.ts', 'await import(`@countersign/store`);'],
  ['import equals counts', 'packages/engine/src/a.ts', "import a = require('@countersign/store');"],
  ['the store does not know the engine', 'packages/store/src/a.ts', "import '@countersign/engine';"],
  ['the runner does not know the kernel', 'packages/runner/src/a.ts', "import '@countersign/kernel';"],
  ['the client knows the protocol only', 'packages/client/src/a.ts', "import '@countersign/kernel';"],
  ['the connector kit knows the protocol only', 'packages/connector-kit/src/a.ts', "import '@countersign/evidence';"],
  ['the server does not know the store', 'apps/server/src/a.ts', "import '@countersign/store';"],
  ['the command line does not know the engine', 'apps/cli/src/a.ts', "import '@countersign/engine';"],
  ['a face does not know the kernel', 'apps/web/src/a.tsx', "import '@countersign/kernel';"],
  ['a connector never imports a sibling', 'connectors/x/src/a.ts', "import '@countersign/connector-docker';"],
  ['not even in its tests', 'connectors/x/src/a.test.ts', "import '@countersign/connector-docker';"],
  ['a connector does not know the engine', 'connectors/x/src/a.ts', "import '@countersign/engine';"],
  ['the test kit is for tests', 'apps/countersign/src/a.ts', "import '@countersign/testing';"],
  ['undeclared packages', 'packages/store/src/a.ts', "import 'undeclared';"],
  ['development dependencies are for tests', 'packages/store/src/a.ts', "import 'vitest';"],
  ['relative imports stay inside', 'packages/store/src/a.ts', "import '../../engine/src/b.ts';"],
  ['fixtures are for tests', 'packages/store/src/a.ts', "import './fixture/b.ts';"],
  ['createRequire', 'apps/countersign/src/a.ts', "import { createRequire } from 'node:module';"],
  ['require', 'apps/countersign/src/a.ts', "const a = require('fs');"],
  ['import() of a variable', 'apps/countersign/src/a.ts', "const n = 'x'; await import(n);"],
  ['import() of a composed name', 'apps/countersign/src/a.ts', "await import('./a' + 1);"],
  ['Node modules in the kernel', 'packages/kernel/src/a.ts', "import 'node:fs';"],
  ['Node modules without prefix in the kernel', 'packages/kernel/src/a.ts', "import 'fs';"],
  ['Node modules in evidence', 'packages/evidence/src/a.ts', "import { createHash } from 'node:crypto';"],
  ['the clock in the kernel', 'packages/kernel/src/a.ts', 'export const a = () => Date.now();'],
  ['the clock as a value', 'packages/kernel/src/a.ts', 'export const clock = { Date };'],
  ['randomness in the kernel', 'packages/kernel/src/a.ts', 'export const a = Math.random();'],
  ['randomness by another spelling', 'packages/kernel/src/a.ts', "export const a = Math['random']();"],
  ['randomness by destructuring', 'packages/kernel/src/a.ts', 'const { random } = Math;'],
  ['the process in evidence', 'packages/evidence/src/a.ts', 'export const a = process.env;'],
  ['every global at once', 'packages/evidence/src/a.ts', 'export const a = globalThis;'],
  ['globals claimed by declare', 'packages/kernel/src/a.ts', 'declare const fetch: () => void;'],
  ['types claimed by directive', 'packages/kernel/src/a.ts', '/// <reference types="node" />'],
  ['a package without a row', 'packages/helpers/src/a.ts', 'export const a = 1;'],
  ['a package of which nothing was read', 'packages/kernel/README.md', 'nothing'],
];

describe('a planted violation is caught', () => {
  it.each(planted)('%s', (_, file, source) => {
    const place = file.endsWith('.md') || file.includes('/helpers/') ? file.split('/').slice(0, 2).join('/') : file;
    const found = violationsOf(file, source);
    expect(found).not.toEqual([]);
    for (const line of found) expect(line).toMatch(new RegExp(`^${place}:1 `));
  });
});

const allowed: [what: string, file: string, source: string][] = [
  [
    'protocol and evidence in the kernel',
    'packages/kernel/src/a.ts',
    "import '@countersign/protocol'; import '@countersign/evidence';",
  ],
  [
    'words that only look like globals',
    'packages/kernel/src/a.ts',
    'type Row = { Date: number; process(): void }; export const f = (r: Row) => r.Date + Math.max(1, 2);',
  ],
  [
    'encoders that exist everywhere',
    'packages/evidence/src/a.ts',
    'declare class TextEncoder { encode(text: string): Uint8Array }',
  ],
  ["Node modules at evidence's edge", 'packages/evidence/src/node.ts', "import { createHash } from 'node:crypto';"],
  [
    'the clock in a test',
    'packages/kernel/src/a.test.ts',
    "import { it } from 'vitest'; Date.now(); import 'node:fs';",
  ],
  ['Node modules in a fixture', 'packages/evidence/src/fixture/a.ts', "import 'node:fs';"],
  ['the test kit in a test', 'packages/store/src/a.test.ts', "import '@countersign/testing';"],
  ['its own files and faces', 'packages/store/src/b/a.ts', "import '../c.ts'; import '@countersign/store';"],
  ['declared packages', 'packages/store/src/a.ts', "import 'declared/deep'; import 'zod';"],
  ['anything where things are wired', 'apps/countersign/src/a.ts', "await import('@countersign/store');"],
];

it.each(allowed)('allows %s', (_, file, source) => {
  expect(violationsOf(file, source)).toEqual([]);
});
