import { describe, expect, it } from 'vitest';
import { describeConformance } from './describe-conformance.ts';
import { examinations } from './examination.ts';
import { brokenConnectors } from './fake/broken-connectors.ts';
import { getAction, setAction } from './fake/register-connector.ts';
import { registerHarness } from './fake/register-harness.ts';

describeConformance('the connector by the book', registerHarness());

describeConformance(
  'a connector whose target keeps the key',
  registerHarness(
    (good, world) => ({
      apply: async (step, ...rest) =>
        world.ledger.some(({ key }) => key === step.idempotencyKey)
          ? { after: { version: world.version }, guard: { version: world.version } }
          : await good.apply(step, ...rest),
    }),
    { actions: [getAction, { ...setAction, idempotency: 'target_key' }] },
  ),
);

describe('the suite notices', () => {
  for (const { rule, how, parts, change } of brokenConnectors) {
    it(`${rule}: ${how}`, async () => {
      const found: string[] = [];
      for (const each of examinations(registerHarness(parts, change))) {
        if (each.rule === rule) found.push(...(await each.run()));
      }
      expect(found).not.toEqual([]);
      expect(found.filter((problem) => problem.includes('was cut short by TypeError'))).toEqual([]);
    });
  }

  it('has a broken connector for every rule', () => {
    const rules = new Set(examinations(registerHarness()).map((each) => each.rule));
    expect(new Set(brokenConnectors.map((each) => each.rule))).toEqual(rules);
  });
});
