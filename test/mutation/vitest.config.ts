import { defineConfig } from 'vitest/config';

export default defineConfig({
  root: process.cwd(),
  test: {
    include: ['src/**/*.test.ts'],
    // The last bundles the package by itself and verifies in that bundle: it sees no mutant.
    exclude: ['**/node_modules/**', '**/*.live.test.ts', 'src/browser.test.ts'],
    testTimeout: 20_000,
    // One process for all files of a run: starting one for each costs more than the tests.
    isolate: false,
  },
});
