import { decide, loadPolicySet, type PolicySet, type Question, readPolicyFiles } from '@countersign/policy';
import type { Figure, Row } from '../harness/row.ts';
import { median, quantile } from '../harness/statistics.ts';

const rounds = 7;
const decisionsEach = 1500;

/** The shipped policies and as many more as make `count`. */
function policySet(count: number): PolicySet {
  const shipped = loadPolicySet(readPolicyFiles('standard'), 'standard');
  if (!shipped.ok) throw new Error(shipped.message);
  const more = Array.from(
    { length: count - shipped.value.policies.size },
    (_, index) =>
      `@id("bench-${index}") forbid (principal, action == Action::"write", resource) when { resource.project == "other-${index}" };`,
  );
  const loaded = loadPolicySet(
    [...readPolicyFiles('standard'), { name: 'bench.cedar', text: more.join('\n') }],
    'standard',
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.value;
}

/** No two questions are equal, so that nothing is remembered. */
function question(index: number): Question {
  return {
    phase: 'run',
    principal: { id: `p-${index}`, name: 'ada', kind: 'person', role: 'actions', root: `ada-${index}`, ai: false },
    target: { name: 'shop', project: 'store', environment: 'dev', tier: 'dev', connector: 'docker' },
    steps: [
      { name: 'docker.restart', effect: 'write', risk: 'medium', inputs: { replicas: index, image: `shop:${index}` } },
    ],
    planned: true,
    checksOk: true,
    approvals: [],
    aiProposed: false,
    frozen: false,
    inWindow: true,
    breakGlass: false,
  };
}

function measureSet(set: PolicySet, from: number): number[] {
  return Array.from({ length: decisionsEach }, (_, index) => {
    const asked = question(from + index);
    const startedAt = performance.now();
    if (decide(set, asked).decision !== 'allow') throw new Error('The question of the benchmark is allowed.');
    return (performance.now() - startedAt) * 1000;
  });
}

async function measure(): Promise<Figure[]> {
  const sets = [20, 200].map((count) => ({ count, set: policySet(count), p50: [0].slice(1), p99: [0].slice(1) }));
  for (let round = 0; round <= rounds; round += 1) {
    for (const { set, p50, p99 } of sets) {
      const samples = measureSet(set, round * decisionsEach);
      if (round === 0) continue;
      p50.push(quantile(samples, 0.5));
      p99.push(quantile(samples, 0.99));
    }
  }
  return sets.flatMap(({ count, p50, p99 }): Figure[] => [
    {
      what: `${count} policies, p50`,
      unit: 'us',
      ours: median(p50),
      peer: null,
      goal: count === 20 ? { of: 'ours', bound: 'at most', value: 150 } : null,
    },
    {
      what: `${count} policies, p99`,
      unit: 'us',
      ours: median(p99),
      peer: null,
      goal: { of: 'ours', bound: 'at most', value: count === 20 ? 400 : 1000 },
    },
  ]);
}

export const policy: Row = {
  name: 'policy',
  what: 'one decision that was never asked before, policies parsed beforehand',
  cited: 'Cedar 99 us, casbin 18 us on the machine of the published figures',
  dominates:
    'Cedar itself, called through WebAssembly with its request as JSON, checked against the schema each time; the answers of the product are remembered by their whole question, which this row avoids.',
  measure,
};
