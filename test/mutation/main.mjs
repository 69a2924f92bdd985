// Runs the mutation tester on kernel and evidence: `npm run mutation [-- kernel|evidence]`. Its packages are installed
// here on first use, so that nobody else's install carries them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

const here = import.meta.dirname;
const root = join(here, '../..');
const packages = ['kernel', 'evidence'];
const asked = process.argv.slice(2);
const chosen = asked.length === 0 ? packages : asked;
const stranger = chosen.find((name) => !packages.includes(name));
if (stranger !== undefined) {
  console.error(`"${stranger}" is not mutated here; give one of: ${packages.join(', ')}`);
  process.exit(2);
}

function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error !== undefined) throw error;
  return status ?? 1;
}

const stryker = join(here, 'node_modules/@stryker-mutator/core/bin/stryker.js');
if (!existsSync(stryker) && run('npm', ['ci', '--legacy-peer-deps', '--no-audit', '--no-fund'], { cwd: here }) !== 0)
  process.exit(1);
mkdirSync(join(root, '.cache/mutation'), { recursive: true });
let worst = 0;
for (const name of chosen) {
  const env = { ...process.env, COUNTERSIGN_MUTATION: '1', COUNTERSIGN_MUTATION_PACKAGE: name };
  // From the package's own folder, so that only it is copied and changed; what it imports is the real thing.
  const cwd = join(root, 'packages', name);
  worst = Math.max(worst, run(process.execPath, [stryker, 'run', join(here, 'stryker.config.mjs')], { cwd, env }));
}
worst = Math.max(worst, run(process.execPath, [join(here, 'survivors.ts'), ...chosen], { cwd: root }));
process.exitCode = worst;
