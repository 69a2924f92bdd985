import type { ActionManifest } from './action.ts';

/** The actions that somebody asks for: without those that come only behind another, as its compensation. */
export function askedFor(actions: readonly ActionManifest[]): ActionManifest[] {
  const following = new Set(
    actions.flatMap(({ compensation }) => (compensation === undefined ? [] : compensation.action)),
  );
  return actions.filter(({ name }) => !following.has(name));
}
