import type { Json, ReplayComparison } from '@countersign/protocol';
import { fingerprint } from '../manifest/fingerprint.ts';

const longestShown = 200;

function shown(value: Json): string {
  if (typeof value === 'string' && value.length <= longestShown) return value;
  if (value === null || typeof value === 'number' || typeof value === 'boolean') return String(value);
  return fingerprint(value);
}

/** Compares two JSON values by their canonical bytes. Long values and objects stand as their SHA-256. */
export function compareReplay(step: number | null, what: string, expected: Json, actual: Json): ReplayComparison {
  const equal = fingerprint(expected) === fingerprint(actual);
  return { step, what, expected: shown(expected), actual: shown(actual), equal };
}
