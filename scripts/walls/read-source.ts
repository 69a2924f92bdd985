import { parseSync } from 'rolldown/utils';
import { impureGlobals, portableGlobals } from './table.ts';

/** A place in a source file, with what stands there. */
export interface Sighting {
  readonly line: number;
  readonly what: string;
}

/** What one source file imports, and what it does that some walls forbid. */
export interface SourceReading {
  readonly imports: readonly Sighting[];
  /** Ways to import that no reader can follow. */
  readonly hidden: readonly Sighting[];
  /** Names and declarations that make a file depend on where and when it runs. */
  readonly impure: readonly Sighting[];
}

type Tree = Readonly<Record<string, unknown>>;

/** Reads a TypeScript or JavaScript file: type imports, re-exports and `import()` types count as imports. */
export function readSource(path: string, text: string): SourceReading {
  const parsed = parseSync(path, text);
  const broken = parsed.errors[0];
  if (broken) throw new Error(`${path} does not parse: ${broken.message}`);
  const reading = { imports: [] as Sighting[], hidden: [] as Sighting[], impure: [] as Sighting[] };
  const note = (list: Sighting[], node: Tree, what: string) =>
    list.push({ line: text.slice(0, Number(node['start'])).split('\n').length, what });

  const visit = (node: Tree, parent: Tree | undefined, key: string) => {
    const specifier = importSpecifier(node);
    if (specifier !== undefined) {
      const literal = literalText(specifier);
      if (literal === undefined) note(reading.hidden, node, 'import() of something that is not a literal');
      else note(reading.imports, node, literal);
    }
    const loader = hiddenLoader(node);
    if (loader) note(reading.hidden, node, loader);
    const impurity = isName(node, parent, key) ? impureName(node, parent, key) : undefined;
    if (impurity) note(reading.impure, node, impurity);
    for (const name of declaredGlobals(node)) note(reading.impure, node, `declare ${name}`);
    for (const [name, value] of Object.entries(node))
      for (const child of Array.isArray(value) ? value : [value]) if (isTree(child)) visit(child, node, name);
  };
  visit({ ...parsed.program }, undefined, '');
  for (const comment of parsed.comments)
    if (/^\/\s*<reference/.test(comment.value)) note(reading.impure, { ...comment }, 'a reference directive');
  return reading;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && 'type' in value;
}

/** The node that names the module, when this node imports or re-exports one. */
function importSpecifier(node: Tree): Tree | undefined {
  const named = [
    'ImportDeclaration',
    'ExportNamedDeclaration',
    'ExportAllDeclaration',
    'ImportExpression',
    'TSImportType',
  ];
  const field = node['type'] === 'TSExternalModuleReference' ? 'expression' : 'source';
  const known = field === 'expression' || named.includes(String(node['type']));
  const specifier = node[field];
  return known && isTree(specifier) ? specifier : undefined;
}

function literalText(node: Tree): string | undefined {
  if (node['type'] === 'Literal' && typeof node['value'] === 'string') return node['value'];
  const [quasi, ...more] = Array.isArray(node['quasis']) ? node['quasis'] : [];
  return quasi && more.length === 0 ? String(quasi.value.cooked) : undefined;
}

function hiddenLoader(node: Tree): string | undefined {
  const name = node['type'] === 'Identifier' ? node['name'] : undefined;
  if (name === 'createRequire' || name === 'getBuiltinModule') return String(name);
  const callee = node['type'] === 'CallExpression' ? node['callee'] : undefined;
  return isTree(callee) && callee['name'] === 'require' ? 'require()' : undefined;
}

/** Whether an identifier names a variable or type, and not a member or key of something else. */
function isName(node: Tree, parent: Tree | undefined, key: string): boolean {
  if (node['type'] !== 'Identifier') return false;
  const member = key === 'property' || key === 'key' || (key === 'right' && parent?.['type'] === 'TSQualifiedName');
  return !member || parent?.['computed'] === true || parent?.['shorthand'] === true;
}

function impureName(node: Tree, parent: Tree | undefined, key: string): string | undefined {
  const name = String(node['name']);
  if (impureGlobals.has(name)) return name;
  if (name !== 'Math') return undefined;
  const property = key === 'object' ? parent?.['property'] : undefined;
  const member = isTree(property) && parent?.['computed'] !== true ? property['name'] : undefined;
  return member === undefined || member === 'random' ? `Math.${String(member ?? '*')}` : undefined;
}

/** The names that a declare statement claims to exist, but for those that exist everywhere. */
function declaredGlobals(node: Tree): string[] {
  if (node['declare'] !== true) return [];
  const declared = Array.isArray(node['declarations']) ? node['declarations'] : [node];
  const names = declared.map((each) => (isTree(each) && isTree(each['id']) ? String(each['id']['name'] ?? '*') : '*'));
  return names.filter((name) => !portableGlobals.has(name));
}
