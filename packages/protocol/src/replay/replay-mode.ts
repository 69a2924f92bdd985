import type { Replay } from '../action/action.ts';

const weakestFirst: readonly Replay[] = ['none', 'simulated', 'exact'];

/** The mode of several steps together: a chain is as faithful as its weakest link. No steps: none. */
export function weakestReplay(modes: readonly Replay[]): Replay {
  if (modes.length === 0) return 'none';
  return weakestFirst.find((mode) => modes.includes(mode)) ?? 'none';
}

/** The name under which a replay stands among a connector's reads. No connector may declare an action of this name. */
export function replayActionOf(connector: string): string {
  return `${connector}.replay`;
}
