import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { basename, dirname, join } from 'node:path';

// Beside the bundle that is shipped, as `npm run build` writes it; in a checkout the sources themselves.
const shipped = join(import.meta.dirname, 'page');
const sources = join(import.meta.dirname, '../../../page/src');
const packages = join(import.meta.dirname, '../../../../packages');
/** What the page has of other packages: modules that import nothing but each other. */
const packaged: ReadonlyMap<string, string> = new Map([
  ['@countersign/protocol/read-json', 'protocol/src/json/read-json.ts'],
  ['@countersign/evidence/visible', 'evidence/src/render/visible.ts'],
]);
const imported = /^((?:import|export)\b[^;]*?\bfrom\s+|import\s+)'([^']+)'/gm;

/** The file that an import names, from the file that names it. */
function fileOf(specifier: string, from: string): string {
  if (specifier.startsWith('.')) return join(dirname(from), specifier);
  const file = packaged.get(specifier);
  if (file === undefined) throw new Error(`${from} imports ${specifier}, which the page cannot be served with`);
  return join(packages, file);
}

/** Node calls this experimental, once and on the error output; whoever runs a checkout can do nothing about it. */
function withoutTypes(code: string): string {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    return stripTypeScriptTypes(code);
  } finally {
    process.emitWarning = emitWarning;
  }
}

/** A module and all that it imports, by file name, without types and with imports that a browser can follow. */
async function modulesFrom(entry: string): Promise<Map<string, string>> {
  const modules = new Map<string, string>();
  const files = new Map<string, string>();
  const waiting = [entry];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    const name = basename(file);
    const known = files.get(name);
    if (known === file) continue;
    if (known !== undefined) throw new Error(`the page has two modules of the name ${name}: ${known} and ${file}`);
    files.set(name, file);
    const from = file;
    const code = withoutTypes(await readFile(file, 'utf8'));
    modules.set(
      name,
      code.replaceAll(imported, (_, before: string, specifier: string) => {
        const wanted = fileOf(specifier, from);
        waiting.push(wanted);
        return `${before}'./${basename(wanted)}'`;
      }),
    );
  }
  return modules;
}

async function fromSources(): Promise<Map<string, string>> {
  const files = await modulesFrom(join(sources, 'main.ts'));
  files.set('main.js', files.get('main.ts') ?? '');
  files.set('page.css', await readFile(join(sources, 'page.css'), 'utf8'));
  files.set('index.html', await readFile(join(sources, 'index.html'), 'utf8'));
  return files;
}

async function fromShipped(): Promise<Map<string, string>> {
  const names = ['index.html', 'page.css', 'main.js'];
  const read = async (name: string) => [name, await readFile(join(shipped, name), 'utf8')] as const;
  return new Map(await Promise.all(names.map(read)));
}

let reading: Promise<Map<string, string>> | null = null;

/** A file of the sign-in and approval page; null for a name that it does not have. Read once, at the first request. */
export async function readPageFile(name: string): Promise<string | null> {
  reading ??= existsSync(shipped) ? fromShipped() : fromSources();
  return (await reading).get(name) ?? null;
}
