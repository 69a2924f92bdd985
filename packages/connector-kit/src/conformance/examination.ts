import { say } from './bench/attempt.ts';
import { Bench } from './bench/bench.ts';
import type { ConformanceHarness, ConformanceTarget } from './harness.ts';
import { applyRules } from './rules/apply-rules.ts';
import { cancelRules, readCancelRules } from './rules/cancel-rules.ts';
import { errorRules, failureRules } from './rules/error-rules.ts';
import { connectorRules } from './rules/manifest-rules.ts';
import { planRules } from './rules/plan-rules.ts';
import { readRules } from './rules/read-rules.ts';
import { reconcileRules } from './rules/reconcile-rules.ts';
import { replayRules } from './rules/replay-rules.ts';

/** One rule over one case. `run` makes a fresh target and answers what is wrong; an empty list is a pass. */
export interface Examination {
  readonly rule: string;
  readonly title: string;
  run(): Promise<string[]>;
}

interface AnyRule<Target extends ConformanceTarget, Subject> {
  readonly id: string;
  readonly title: string;
  examine(bench: Bench<Target>, subject: Subject): Promise<string[]>;
}

function examination<Target extends ConformanceTarget, Subject>(
  harness: ConformanceHarness<Target>,
  rule: AnyRule<Target, Subject>,
  subject: Subject,
  name: string,
): Examination {
  return {
    rule: rule.id,
    title: `${name}: ${rule.title}`,
    async run() {
      const bench = new Bench(harness, await harness.setUp());
      try {
        return await rule.examine(bench, subject);
      } catch (error) {
        return [`${rule.id} was cut short by ${say(error)}`];
      } finally {
        await bench.close();
      }
    },
  };
}

/** Everything the suite asks of a connector: each rule over each case it is about. */
export function examinations<Target extends ConformanceTarget>(harness: ConformanceHarness<Target>): Examination[] {
  const ofWrites = [...planRules, ...applyRules, ...reconcileRules, ...cancelRules, ...errorRules, ...replayRules];
  return [
    ...connectorRules.map((rule) => examination(harness, rule, undefined, harness.connector.name)),
    ...harness.writes.flatMap((each) => ofWrites.map((rule) => examination(harness, rule, each, each.name))),
    ...harness.reads.flatMap((each) =>
      [...readRules, ...readCancelRules].map((rule) => examination(harness, rule, each, each.name)),
    ),
    ...harness.failures.flatMap((each) => failureRules.map((rule) => examination(harness, rule, each, each.name))),
  ];
}
