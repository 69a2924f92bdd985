import { defineConfig } from 'vitest/config';

const tests = [
  'packages/**/*.test.ts',
  'connectors/**/*.test.ts',
  'apps/**/*.test.ts',
  'test/**/*.test.ts',
  'scripts/**/*.test.ts',
];
const live = [
  'packages/**/*.live.test.ts',
  'connectors/**/*.live.test.ts',
  'apps/**/*.live.test.ts',
  'test/**/*.live.test.ts',
];
/** What needs a Kubernetes cluster: run by `npm run test:live` where one can be started. */
const cluster = [
  'connectors/**/*.cluster.live.test.ts',
  'packages/**/*.cluster.live.test.ts',
  'test/**/*.cluster.live.test.ts',
];
/** Whole processes and databases: part of `npm test`, too long for `npm run check`. */
const system = ['test/e2e/**/*.test.ts'];
/** Kills, failing disks, lost databases: part of `npm test`, run after everything else. */
const fault = ['test/crash/**/*.test.ts', 'test/fault/**/*.test.ts', 'test/parity/**/*.test.ts'];
/** Processes killed by the hundred, with leases of a second: part of `npm test`, run with nothing beside them. */
const kill = ['test/crash/kill-ledger.test.ts'];
const never = ['**/node_modules/**', '**/dist/**'];

export default defineConfig({
  test: {
    globalSetup: ['packages/testing/src/postgres/global-setup.ts'],
    pool: 'forks',
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: tests,
          exclude: [...never, ...live, ...system, ...fault],
          testTimeout: 30_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: system,
          exclude: [...never, ...live],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'fault',
          include: fault,
          exclude: [...never, ...live, ...kill],
          testTimeout: 600_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { name: 'kill', include: kill, exclude: never, hookTimeout: 120_000, fileParallelism: false },
      },
      {
        extends: true,
        // Live tests share one Docker daemon, and a slow machine may take long to start a container.
        test: {
          name: 'live',
          include: live,
          exclude: [...never, ...cluster],
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        // They wait for pods most of the time, each in a namespace of its own.
        test: {
          name: 'cluster',
          include: cluster,
          exclude: never,
          testTimeout: 120_000,
          hookTimeout: 300_000,
          fileParallelism: true,
        },
      },
    ],
    maxWorkers: 2,
  },
});
