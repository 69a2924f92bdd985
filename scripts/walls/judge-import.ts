import { existsSync, readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join, normalize } from 'node:path';
import { z } from 'zod';
import { testsOnly, type Wall } from './table.ts';
import { isTestFile } from './test-file.ts';

/** A package with what its manifest says. */
export interface PackageUnderCheck {
  readonly wall: Wall;
  readonly name: string;
  /** npm packages that shipped code may import. */
  readonly dependencies: ReadonlySet<string>;
  /** npm packages that only its tests may import: its own development dependencies and the root's. */
  readonly forTests: ReadonlySet<string>;
}

const names = z.record(z.string(), z.string()).default({});
const manifest = z.object({ name: z.string(), dependencies: names, devDependencies: names, peerDependencies: names });

/** Reads the manifest of a row's package. */
export function readPackage(root: string, wall: Wall): PackageUnderCheck {
  const own = readManifest(join(root, wall.folder, 'package.json'));
  const rootManifest = join(root, 'package.json');
  const shared = existsSync(rootManifest) ? readManifest(rootManifest).devDependencies : {};
  return {
    wall,
    name: own.name,
    dependencies: new Set(Object.keys({ ...own.dependencies, ...own.peerDependencies })),
    forTests: new Set(Object.keys({ ...own.devDependencies, ...shared })),
  };
}

function readManifest(path: string): z.infer<typeof manifest> {
  return manifest.parse(JSON.parse(readFileSync(path, 'utf8')));
}

/** Where an import stands: tests may import more than what is shipped, a pure file less. */
export interface ImportPlace {
  readonly isTest: boolean;
  readonly isPure: boolean;
}

/** Why the file may not import the specifier; `undefined` when it may. */
export function judgeImport(
  specifier: string,
  file: string,
  under: PackageUnderCheck,
  place: ImportPlace,
): string | undefined {
  if (specifier.startsWith('.')) return judgeRelative(specifier, file, under.wall, place);
  if (isBuiltin(specifier)) return place.isPure ? 'a pure package imports no Node module' : undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (name === under.name) return undefined;
  return name.startsWith('@countersign/') || name === 'countersign'
    ? judgeWorkspace(name.replace('@countersign/', ''), under.wall, place)
    : judgeExternal(name, under, place);
}

function judgeRelative(specifier: string, file: string, wall: Wall, { isTest }: ImportPlace): string | undefined {
  const target = normalize(join(file, '..', specifier));
  if (!target.startsWith(`${wall.folder}/`)) return 'a relative import leaves the package';
  return !isTest && isTestFile(target) ? 'shipped code does not import what is there for tests' : undefined;
}

function judgeWorkspace(name: string, wall: Wall, { isTest }: ImportPlace): string | undefined {
  const isSibling = name.startsWith('connector-') && name !== 'connector-kit' && wall.folder.startsWith('connectors/');
  if (isSibling) return 'a connector never imports a sibling';
  if (isTest) return undefined;
  if (name === testsOnly) return 'imported by tests and bench/ only';
  return wall.workspace === 'all' || wall.workspace.includes(name) ? undefined : `${wall.folder} may not import it`;
}

function judgeExternal(name: string, under: PackageUnderCheck, { isTest }: ImportPlace): string | undefined {
  if (isTest && under.forTests.has(name)) return undefined;
  // The test kit runs inside vitest; nothing of it is shipped.
  if (under.wall.folder === `packages/${testsOnly}` && under.forTests.has(name)) return undefined;
  const { external, folder } = under.wall;
  if (external !== 'declared' && !external.includes(name))
    return `${folder} may import only ${external.join(', ') || 'workspace packages'}`;
  return under.dependencies.has(name) ? undefined : `${folder}/package.json does not declare it`;
}
