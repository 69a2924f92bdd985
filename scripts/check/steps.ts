import type { Step } from './step.ts';

const compiler = 'node_modules/typescript/bin/tsc';

/** What `npm run check` runs. The longest comes first, so that the others run beside it. */
export const steps: readonly Step[] = [
  { name: 'unit tests', command: ['scripts/test-unit.ts'] },
  { name: 'contracts', command: ['scripts/generate.ts', '--check'] },
  { name: 'biome', command: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--colors=off', '--max-diagnostics=200'] },
  { name: 'types', command: [compiler, '-p', 'tsconfig.json'] },
  { name: 'types of kernel', command: [compiler, '-p', 'packages/kernel/tsconfig.json'] },
  { name: 'types of evidence', command: [compiler, '-p', 'packages/evidence/tsconfig.json'] },
  { name: 'types of verifier', command: [compiler, '-p', 'apps/verifier/tsconfig.json'] },
  { name: 'types of page', command: [compiler, '-p', 'apps/page/tsconfig.json'] },
  { name: 'walls', command: ['scripts/walls.ts'] },
  { name: 'knip', command: ['node_modules/knip/bin/knip.js', '--no-progress', '--no-config-hints'] },
];
