import type { DetailedError } from '@cedar-policy/cedar-wasm/nodejs';
import type { PolicyProblem } from './policy-set.ts';
import { lineOfByte } from './source-line.ts';

/** Where a text that Cedar judged stands: its file, and its first line there, counted from 1. */
export interface SourcePlace {
  readonly file: string;
  readonly policyId: string | null;
  readonly text: string;
  readonly line: number;
}

/** Turns what Cedar says about a text into a problem at its line in the file. */
export function cedarProblem(place: SourcePlace, error: DetailedError, expected: string): PolicyProblem {
  const location = error.sourceLocations?.[0];
  const hint = error.help ?? location?.label ?? null;
  return {
    file: place.file,
    policyId: place.policyId,
    line: location === undefined ? null : place.line + lineOfByte(place.text, location.start) - 1,
    problem: error.message,
    expected: hint === null ? expected : `${expected}; ${hint}`,
  };
}
