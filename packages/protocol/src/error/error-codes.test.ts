import { expect, it } from 'vitest';
import { productSources, quotedTexts } from '../fixture/product-sources.ts';
import { errorCodes, isErrorCode } from './error-codes.ts';

const registry = 'packages/protocol/src/error/error-codes.ts';
const sources = productSources();
const used = quotedTexts(sources, /^E_[A-Z_]+$/);

it('reads the sources of every part of the product', () => {
  expect(sources.size).toBeGreaterThan(200);
  expect(sources.has(registry)).toBe(true);
  for (const part of ['apps/server/', 'apps/cli/', 'connectors/repo/', 'packages/engine/', 'packages/runner/']) {
    expect([...sources.keys()].some((path) => path.startsWith(part))).toBe(true);
  }
});

it('every code is used somewhere', () => {
  const idle = Object.keys(errorCodes).filter((code) => !used.get(code)?.some((path) => path !== registry));
  expect(idle).toEqual([]);
});

it('every code that the sources name is registered', () => {
  const strange = [...used].filter(([code]) => !isErrorCode(code));
  expect(strange).toEqual([]);
});

it('every code maps to a refusing status, a failing exit and a sentence', () => {
  for (const [code, { http, exit, summary }] of Object.entries(errorCodes)) {
    expect(code).toMatch(/^E_[A-Z]+(_[A-Z]+)*$/);
    expect(http).toBeGreaterThanOrEqual(400);
    expect(http).toBeLessThan(600);
    expect([1, 2, 3, 4, 5]).toContain(exit);
    expect(summary).toMatch(/^[A-Z].*\.$/);
  }
});

it('knows its own names only, not those of every object', () => {
  for (const code of ['', 'toString', 'constructor', '__proto__', 'e_state', 'E_STATE ']) {
    expect(isErrorCode(code)).toBe(false);
  }
});
