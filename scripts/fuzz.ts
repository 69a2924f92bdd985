import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from './repository-root.ts';

const names = ['digest', 'path', 'patch', 'render'];
const { values, positionals } = parseArgs({
  options: { runs: { type: 'string', default: '1000000' }, seed: { type: 'string' } },
  allowPositionals: true,
});
const stranger = positionals.find((name) => !names.includes(name));
if (stranger !== undefined || !/^[1-9]\d*$/.test(values.runs)) {
  console.error(`usage: npm run fuzz -- [--runs N] [--seed N] [${names.join('|')}]...`);
  process.exit(2);
}
const chosen = positionals.length === 0 ? names : positionals;
for (const name of chosen) {
  const { status, error } = spawnSync(
    process.execPath,
    [
      join(repositoryRoot, 'node_modules/vitest/vitest.mjs'),
      ...['run', '--project', 'unit', '--disableConsoleIntercept=true', `test/fuzz/${name}.test.ts`],
    ],
    {
      cwd: repositoryRoot,
      stdio: 'inherit',
      env: {
        ...process.env,
        COUNTERSIGN_FUZZ_RUNS: values.runs,
        ...(values.seed === undefined ? {} : { COUNTERSIGN_SEED: values.seed }),
      },
    },
  );
  if (error !== undefined) throw error;
  if (status !== 0) process.exitCode = status ?? 1;
}
