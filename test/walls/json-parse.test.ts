import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
/** What is read there was written in the same breath, has no escaped names, or is a test's own. */
const allowed = [
  'packages/protocol/src/json/read-json.ts',
  'packages/protocol/src/contracts/openapi.ts',
  'packages/connector-kit/src/conformance/bench/bench.ts',
  'apps/cli/src/command/measures-command.ts',
  'apps/cli/src/fake-console/play-do.ts',
  'apps/cli/src/fake-console/route-server.ts',
];

it('what comes from elsewhere is read by readJson, which spells member names as they were sent', () => {
  const folders = ['packages', 'apps', 'connectors'];
  const files = execFileSync('git', ['ls-files', '-co', '--exclude-standard', ...folders], {
    cwd: root,
    encoding: 'utf8',
  })
    .split('\n')
    .filter(
      (file) =>
        /\/src\/.*\.tsx?$/.test(file) &&
        !/\.test\.ts$|\/(?:fixture|live|testing)\/|fixture\.ts$|^packages\/testing\//.test(file),
    );
  expect(files.length).toBeGreaterThan(300);
  const parsing = files.filter((file) => /\bJSON\.parse\(/.test(readFileSync(join(root, file), 'utf8')));
  expect(parsing.sort()).toEqual([...allowed].sort());
});
