import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { makeDashboard } from './dashboard/make-dashboard.ts';
import { type Contracts, compareContracts, writeContracts } from './generate/contracts-folder.ts';
import { repositoryRoot } from './repository-root.ts';

const source = join(repositoryRoot, 'packages/protocol/src/contracts/generate.ts');
const generator = z.object({ generateContracts: z.custom<() => unknown>((value) => typeof value === 'function') });
const checkOnly = process.argv.includes('--check');

function generate(folder: string, files: Contracts): void {
  const path = join(repositoryRoot, folder);
  const differences = checkOnly ? compareContracts(path, files) : writeContracts(path, files);
  for (const difference of differences) console.log(`${folder}/${difference.path}: ${difference.kind}`);
  console.log(`${files.size} files generated, ${differences.length} differ from ${folder}/`);
  if (checkOnly && differences.length > 0) {
    console.error(`Run "npm run generate" and commit ${folder}/.`);
    process.exitCode = 1;
  }
}

generate('deploy/dashboard', new Map([['countersign.json', makeDashboard()]]));
if (existsSync(source)) {
  const { generateContracts } = generator.parse(await import(pathToFileURL(source).href));
  const contracts = z.map(z.string(), z.string()).parse(await generateContracts());
  if (contracts.size === 0) throw new Error('generateContracts() returned nothing.');
  generate('contracts', contracts);
} else {
  console.log('packages/protocol/src/contracts/generate.ts does not exist yet: nothing to generate.');
}
