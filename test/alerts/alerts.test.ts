import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { auditEvents } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { repositoryRoot } from '../../scripts/repository-root.ts';
import { alertRules } from './alert-rules.ts';

const events = Object.keys(auditEvents);

/** The events that a rule's expression counts: its label is one name, or alternatives with groups. */
function counted(expr: string): string[] {
  return [...expr.matchAll(/event(=~?)"([^"]+)"/g)].flatMap(([, operator, text = '']) => {
    if (operator === '=') return [text];
    // Every alternative must name an event by itself, so that none is a word that matches nothing.
    const found = events.filter((event) => new RegExp(`^(?:${text.replaceAll('\\\\', '\\')})$`).test(event));
    const alternatives = text.split('|').length;
    return found.length === alternatives ? found : [`${alternatives} alternatives, ${found.length} events: ${text}`];
  });
}

it('every rule counts events that exist, and there is one for each thing that people must hear of (DO-19)', () => {
  expect(alertRules.length).toBeGreaterThanOrEqual(22);
  const all = alertRules.flatMap(({ expr }) => counted(expr));
  expect(all.filter((event) => !events.includes(event))).toEqual([]);
  for (const event of [
    'break_glass.used',
    'panic.on',
    'auth.refused',
    'operation.denied',
    'policy.refused',
    'worker.refused',
  ])
    expect(all).toContain(event);
});

it('every rule has a test in which it fires, and one in which it does not (IP-11)', () => {
  const tests = readFileSync(join(repositoryRoot, 'deploy/alerts/countersign.rules.test.yaml'), 'utf8');
  for (const { alert } of alertRules) {
    expect(tests, alert).toContain(`alertname: ${alert}}`);
    expect(tests, alert).toMatch(new RegExp(`alertname: ${alert}\\n +exp_alerts:`));
  }
});

it('every rule has a runbook, every runbook a rule, and says what to do first and then', () => {
  const folder = join(repositoryRoot, 'docs/runbooks');
  const named = new Set(alertRules.map(({ runbook }) => runbook.replace('docs/runbooks/', '')));
  expect(readdirSync(folder).sort()).toEqual([...named].sort());
  for (const { alert, runbook } of alertRules) {
    const text = readFileSync(join(repositoryRoot, runbook), 'utf8');
    for (const part of ['**First**', '**Then**', `\`${alert}\``]) expect(text, runbook).toContain(part);
  }
});
