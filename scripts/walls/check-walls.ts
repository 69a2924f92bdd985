import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { judgeImport, type PackageUnderCheck, readPackage } from './judge-import.ts';
import { readSource, type Sighting } from './read-source.ts';
import { packageFolders, sourceFiles } from './source-files.ts';
import { connectorWall, type Wall, walls } from './table.ts';
import { isTestFile } from './test-file.ts';

/** Something a wall forbids, where it stands and why. */
export interface Violation {
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

/** What was read, package by package, and what was found. */
export interface WallsReport {
  readonly filesRead: ReadonlyMap<string, readonly string[]>;
  readonly violations: readonly Violation[];
}

/** Reads every source file of every package under `root` and compares its imports with the table. */
export function checkWalls(root: string): WallsReport {
  const folders = packageFolders(root);
  const filesRead = new Map(folders.map((folder) => [folder, sourceFiles(root, folder)]));
  const violations = folders.flatMap((folder) => {
    const row = wallOf(folder);
    if (!row) return [{ file: folder, line: 1, message: 'stands in no row of the table (scripts/walls/table.ts)' }];
    const files = filesRead.get(folder) ?? [];
    if (files.length === 0) return [{ file: folder, line: 1, message: 'no source file was read' }];
    const under = readPackage(root, row);
    return files.flatMap((file) => checkFile(root, file, under));
  });
  return { filesRead, violations };
}

function wallOf(folder: string): Wall | undefined {
  return folder.startsWith('connectors/') ? connectorWall(folder) : walls.find((row) => row.folder === folder);
}

function checkFile(root: string, file: string, under: PackageUnderCheck): Violation[] {
  const reading = readSource(file, readFileSync(join(root, file), 'utf8'));
  const isTest = isTestFile(file);
  const isPure =
    !isTest && under.wall.pure !== undefined && !under.wall.pure.except.includes(withinPackage(file, under));
  const refused = (sighting: Sighting, why: string | undefined): Violation[] =>
    why === undefined ? [] : [{ file, line: sighting.line, message: `${sighting.what}: ${why}` }];
  return [
    ...reading.imports.flatMap((found) => refused(found, judgeImport(found.what, file, under, { isTest, isPure }))),
    ...reading.hidden.flatMap((found) => refused(found, 'hides from the check what is loaded')),
    ...reading.impure.flatMap((found) =>
      refused(found, isPure ? 'this package is deterministic and portable; take it in through a port' : undefined),
    ),
  ];
}

function withinPackage(file: string, under: PackageUnderCheck): string {
  return file.slice(under.wall.folder.length + 1);
}
