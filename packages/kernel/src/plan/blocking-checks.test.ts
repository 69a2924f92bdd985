import type { Check } from '@countersign/protocol';
import { CheckStatus, Severity } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { blockingChecks } from './blocking-checks.ts';

const checks: Check[] = CheckStatus.options.flatMap((status) =>
  Severity.options.map((severity) => ({ id: `${status} ${severity}`, status, severity, message: '' })),
);

it('of every status and severity only a failing error blocks a run', () => {
  expect(blockingChecks(checks).map(({ id }) => id)).toEqual(['fail error']);
  expect(blockingChecks([])).toEqual([]);
});
