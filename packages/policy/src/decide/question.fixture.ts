import type { RecordedApproval } from '../approvals/count-quorum.ts';
import { loadPolicySet } from '../load/load-policy-set.ts';
import type { PolicyFile, PolicyProfile, PolicySet } from '../load/policy-set.ts';
import { readPolicyFiles } from '../load/read-policy-files.ts';
import type { Asker, Question } from './question.ts';

/** A person who may propose. */
export const ada: Asker = { id: 'p-ada', name: 'ada', kind: 'person', role: 'actions', root: 'ada', ai: false };

/** A planned, checked write in dev, asked at run time. */
export const question: Question = {
  phase: 'run',
  principal: ada,
  target: { name: 'shop', project: 'store', environment: 'shop-dev', tier: 'dev', connector: 'docker' },
  steps: [{ name: 'docker.restart', effect: 'write', risk: 'medium', inputs: {} }],
  planned: true,
  checksOk: true,
  approvals: [],
  aiProposed: false,
  frozen: false,
  inWindow: true,
  breakGlass: false,
};

/** A valid decision by a person with role approver at that root, in these groups. */
export function by(
  root: string,
  kind: RecordedApproval['kind'] = 'approve',
  groups: readonly string[] = [],
): RecordedApproval {
  const approver = { kind: 'person', role: 'approver', root, ai: false, groups } as const;
  return { kind, state: 'valid', approver, steppedUp: false };
}

/** The same decision, signed right after a fresh proof of who signs. */
export function afterStepUp(decision: RecordedApproval): RecordedApproval {
  return { ...decision, steppedUp: true };
}

/** The question in another tier. */
export function inTier(tier: Question['target']['tier'], asked: Question = question): Question {
  return { ...asked, target: { ...asked.target, tier } };
}

/** The question about one step of that effect. */
export function withEffect(effect: Question['steps'][number]['effect'], asked: Question = question): Question {
  return { ...asked, steps: [{ name: `docker.${effect}`, effect, risk: 'high', inputs: {} }] };
}

/** A shipped profile with more files; a set that is refused fails the test with its problems. */
export function shipped(profile: PolicyProfile, more: readonly PolicyFile[] = []): PolicySet {
  return loaded([...readPolicyFiles(profile), ...more], profile);
}

/** Policies in one text with the shipped schema and nothing else. */
export function only(text: string): PolicySet {
  const schema = readPolicyFiles('standard').filter(({ name }) => name.endsWith('.cedarschema'));
  return loaded([...schema, { name: 'only.cedar', text }], 'standard');
}

function loaded(files: readonly PolicyFile[], profile: PolicyProfile): PolicySet {
  const outcome = loadPolicySet(files, profile);
  if (!outcome.ok) throw new Error(JSON.stringify(outcome.problems, null, 2));
  return outcome.value;
}
