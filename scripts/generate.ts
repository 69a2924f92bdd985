import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { z } from 'zod';
import { compareContracts, writeContracts } from './generate/contracts-folder.ts';
import { repositoryRoot } from './repository-root.ts';

const source = join(repositoryRoot, 'packages/protocol/src/contracts/generate.ts');
const generator = z.object({ generateContracts: z.custom<() => unknown>((value) => typeof value === 'function') });
const checkOnly = process.argv.includes('--check');

if (existsSync(source)) {
  const { generateContracts } = generator.parse(await import(pathToFileURL(source).href));
  const contracts = z.map(z.string(), z.string()).parse(await generateContracts());
  if (contracts.size === 0) throw new Error('generateContracts() returned nothing.');
  const folder = join(repositoryRoot, 'contracts');
  const differences = checkOnly ? compareContracts(folder, contracts) : writeContracts(folder, contracts);
  for (const { path, kind } of differences) console.log(`contracts/${path}: ${kind}`);
  console.log(`${contracts.size} files generated, ${differences.length} differ from contracts/`);
  if (checkOnly && differences.length > 0) {
    console.error('Run "npm run generate" and commit contracts/.');
    process.exitCode = 1;
  }
} else {
  console.log('packages/protocol/src/contracts/generate.ts does not exist yet: nothing to generate.');
}
