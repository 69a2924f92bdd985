import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Generated files: the path below `contracts/`, with forward slashes, to the content. */
export type Contracts = ReadonlyMap<string, string>;

/** One difference between the generated and the committed contracts. */
export interface ContractDifference {
  readonly path: string;
  readonly kind: 'missing' | 'changed' | 'left over';
}

/** Compares the folder with what would be generated. */
export function compareContracts(folder: string, contracts: Contracts): ContractDifference[] {
  const committed = committedFiles(folder);
  const differences = [...contracts].flatMap(([path, content]): ContractDifference[] => {
    if (!committed.includes(path)) return [{ path, kind: 'missing' }];
    return readFileSync(join(folder, path), 'utf8') === content ? [] : [{ path, kind: 'changed' }];
  });
  const leftOver = committed.filter((path) => !contracts.has(path));
  return [...differences, ...leftOver.map((path): ContractDifference => ({ path, kind: 'left over' }))];
}

/** Makes the folder equal to what is generated and returns what it changed. */
export function writeContracts(folder: string, contracts: Contracts): ContractDifference[] {
  const differences = compareContracts(folder, contracts);
  for (const { path, kind } of differences) {
    if (kind === 'left over') {
      rmSync(join(folder, path));
      continue;
    }
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), contracts.get(path) ?? '');
  }
  return differences;
}

function committedFiles(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}
