import type { ValueKind } from './known-values.ts';

/** What stands at the place of an argument or option, where that can be told from how it is declared. */
export type PlaceKind = ValueKind | 'path' | 'folder';

const byArgument: Readonly<Record<string, PlaceKind>> = {
  op: 'operation',
  action: 'action',
  id: 'bundle',
  dir: 'folder',
  folder: 'folder',
};
const kindOfOptions: readonly (readonly [PlaceKind, readonly string[]])[] = [
  ['target', ['target']],
  ['project', ['project']],
  ['environment', ['env']],
  ['event', ['event']],
  ['folder', ['data-dir', 'out', 'repo', 'repository']],
  ['path', ['config', 'token-file', 'file', 'trust', 'checkpoint', 'checkpoints', 'log']],
];
const byOption = new Map(kindOfOptions.flatMap(([kind, names]) => names.map((name) => [name, kind] as const)));

/** Kind of an argument by its name in the help. */
export function argumentKind(command: string, name: string): PlaceKind | undefined {
  return command === 'actions' ? 'action' : byArgument[name];
}

/** Kind of an option by its long name. */
export function optionKind(name: string): PlaceKind | undefined {
  return byOption.get(name);
}
