import { join } from 'node:path';

const here = import.meta.dirname;
const cache = join(here, '../../.cache');
const name = process.env['COUNTERSIGN_MUTATION_PACKAGE'];

// biome-ignore lint/style/noDefaultExport: the tool demands one.
export default {
  packageManager: 'npm',
  plugins: [join(here, 'vitest-runner.mjs')],
  testRunner: 'vitest-5',
  coverageAnalysis: 'perTest',
  vitest: { configFile: join(here, 'vitest.config.ts'), related: false },
  mutate: ['src/**/*.ts', '!src/**/*.test.ts', '!src/**/fixture/**'],
  // Two folders deep as the package is, so that what it extends and imports by relative paths is found.
  tempDirName: cache,
  symlinkNodeModules: false,
  // The preprocessor for it asks for a TypeScript older than ours, and nothing is compiled here.
  tsconfigFile: 'none',
  incremental: true,
  incrementalFile: join(cache, 'mutation', `${name}-incremental.json`),
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: join(cache, 'mutation', `${name}.json`) },
  concurrency: Number(process.env['COUNTERSIGN_MUTATION_WORKERS'] ?? 2),
  timeoutMS: 15_000,
  warnings: { slow: false },
};
