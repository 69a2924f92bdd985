import {
  preparsePolicySet,
  type StatefulAuthorizationCall,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs';
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

/** The policies whole, for Cedar called by itself. */
function preparsed(set: PolicySet): string {
  const name = `bench-${set.policies.size}`;
  const texts = Object.fromEntries([...set.policies.values()].map(({ id, text }) => [id, text]));
  if (preparsePolicySet(name, { staticPolicies: texts }).type === 'failure') throw new Error('Cedar took no policies.');
  return name;
}

/** The same question as somebody would put it to Cedar who knows beforehand which facts these policies read. */
function bareCall(preparsedPolicySetId: string, { principal, target, phase }: Question): StatefulAuthorizationCall {
  const word = (type: string, id: string) => ({ __entity: { type, id } });
  const action = { type: 'Action', id: 'write' };
  const asker = { type: 'Principal', id: principal.id };
  const resource = { type: 'Target', id: target.name };
  const { kind, role, ai } = principal;
  const { project, tier } = target;
  const false_ = { confirmed: false, ai_proposed: false, frozen: false, break_glass: false };
  return {
    principal: asker,
    action,
    resource,
    context: { phase: word('Phase', phase), planned: true, checks_ok: true, approvals: 0, in_window: true, ...false_ },
    preparsedPolicySetId,
    entities: [
      { uid: asker, attrs: { kind: word('Kind', kind), role: word('Role', role), ai }, parents: [] },
      { uid: resource, attrs: { project, tier: word('Tier', tier) }, parents: [] },
      { uid: action, attrs: {}, parents: [{ type: 'Action', id: 'mutate' }] },
    ],
  };
}

function timed<T>(inputs: readonly T[], isAllowed: (input: T) => boolean): number[] {
  return inputs.map((input) => {
    const startedAt = performance.now();
    if (!isAllowed(input)) throw new Error('The question of the benchmark is allowed.');
    return (performance.now() - startedAt) * 1000;
  });
}

function isAllowedByCedar(call: StatefulAuthorizationCall): boolean {
  const answer = statefulIsAuthorized(call);
  return answer.type === 'success' && answer.response.decision === 'allow';
}

class Samples {
  readonly #p50: number[] = [];
  readonly #p99: number[] = [];
  add(times: readonly number[]): void {
    this.#p50.push(quantile(times, 0.5));
    this.#p99.push(quantile(times, 0.99));
  }
  get p50(): number {
    return median(this.#p50);
  }
  get p99(): number {
    return median(this.#p99);
  }
}

async function measure(): Promise<Figure[]> {
  const sets = [20, 200].map((count) => {
    const set = policySet(count);
    return { count, set, name: preparsed(set), ours: new Samples(), cedar: new Samples() };
  });
  for (let round = 0; round <= rounds; round += 1) {
    const questions = Array.from({ length: decisionsEach }, (_, index) => question(round * decisionsEach + index));
    for (const { set, name, ours, cedar } of sets) {
      const calls = questions.map((asked) => bareCall(name, asked));
      const byUs = timed(questions, (asked) => decide(set, asked).decision === 'allow');
      const byCedar = timed(calls, isAllowedByCedar);
      if (round === 0) continue;
      ours.add(byUs);
      cedar.add(byCedar);
    }
  }
  return sets.flatMap(({ count, ours, cedar }): Figure[] => [
    {
      what: `${count} policies, p50`,
      unit: 'us',
      ours: ours.p50,
      peer: { name: 'Cedar by itself', value: cedar.p50 },
      // 150 us where Cedar takes 99: docs/adr/0030.
      goal: count === 20 ? { of: 'ratio', bound: 'at most', value: 1.5 } : null,
    },
    {
      what: `${count} policies, p99`,
      unit: 'us',
      ours: ours.p99,
      peer: { name: 'Cedar by itself', value: cedar.p99 },
      goal: { of: 'ours', bound: 'at most', value: count === 20 ? 400 : 1000 },
    },
  ]);
}

export const policy: Row = {
  name: 'policy',
  what: 'one decision that was never asked before, policies parsed beforehand',
  cited: 'Cedar 99 us, casbin 18 us on the machine of the published figures',
  changed: [
    'each action has its own slice of the policies, and Cedar is not told the schema with every question: 247 us with the schema and 154 without, in the same minutes.',
  ],
  dominates:
    'Cedar itself, called through WebAssembly: reading entities, context and the names of their types; the answers of the product are remembered by their whole question, which this row avoids.',
  measure,
};
