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
const byOption: Readonly<Record<string, PlaceKind>> = {
  target: 'target',
  project: 'project',
  env: 'environment',
  event: 'event',
  'data-dir': 'folder',
  out: 'folder',
  repo: 'folder',
  repository: 'folder',
  config: 'path',
  'token-file': 'path',
  file: 'path',
  trust: 'path',
  checkpoint: 'path',
  checkpoints: 'path',
  log: 'path',
};

/** Kind of an argument by its name in the help. */
export function argumentKind(command: string, name: string): PlaceKind | undefined {
  return command === 'actions' ? 'action' : byArgument[name];
}

/** Kind of an option by its long name. */
export function optionKind(name: string): PlaceKind | undefined {
  return byOption[name];
}
