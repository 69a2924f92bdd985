import { execFileSync } from 'node:child_process';
import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { alertRules, recordedNames, rulesFile } from './alert-rules.ts';

function promtool(...args: string[]): string {
  return execFileSync('promtool', args, { cwd: dirname(rulesFile), encoding: 'utf8', stdio: 'pipe' });
}

it('Prometheus reads every rule, and each fires and ends as its tests say (DO-19, IP-11)', () => {
  const rules = alertRules.length + recordedNames.length;
  expect(promtool('check', 'rules', 'countersign.rules.yaml')).toContain(`SUCCESS: ${rules} rules found`);
  expect(promtool('test', 'rules', 'countersign.rules.test.yaml')).toContain('SUCCESS');
});
