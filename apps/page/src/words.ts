import type { Grant, Obligation, OperationView } from '@countersign/protocol';

const sentences: Readonly<Record<string, string>> = {
  draft: 'A draft; nothing is planned yet.',
  planning: 'Being planned.',
  plan_failed: 'No plan could be made.',
  checks_failed: 'A check failed, so it cannot run.',
  waiting_confirmation: 'Waits for its requester to confirm.',
  waiting_approval: 'Waits for approval.',
  ready: 'Ready to start.',
  held: 'Approved, but held at this moment.',
  queued: 'Waits for a worker.',
  running: 'Running.',
  cancelling: 'Being cancelled.',
  succeeded: 'Done.',
  failed: 'Failed.',
  stale: 'Refused: the target moved after the plan was made.',
  cancelled: 'Cancelled.',
  outcome_unknown: 'Unknown outcome: somebody must look at the target.',
  rolled_back: 'Done, and taken back since.',
  rejected: 'Rejected.',
  withdrawn: 'Withdrawn.',
  denied: 'Denied by policy.',
  expired: 'Expired.',
};

/** How an operation stands, as a sentence. */
export function statusSentence(display: string): string {
  return sentences[display] ?? display;
}

/** Which colour stands beside the sentence; the sentence says it too. */
export function statusKind(display: string): 'good' | 'bad' | 'open' {
  if (display === 'succeeded' || display === 'ready' || display === 'rolled_back') return 'good';
  const waiting = [
    'draft',
    'planning',
    'waiting_confirmation',
    'waiting_approval',
    'held',
    'queued',
    'running',
    'cancelling',
  ];
  return waiting.includes(display) ? 'open' : 'bad';
}

/** An obligation as a sentence. */
export function obligationSentence(obligation: Obligation): string {
  if (obligation.kind === 'confirm') return 'The requester must confirm it.';
  if (obligation.kind === 'step_up') return 'Whoever decides must prove afresh who they are.';
  const people = obligation.count === 1 ? 'One other person' : `${obligation.count} other people`;
  return `${people}${'group' in obligation ? ` of the group ${obligation.group}` : ''} must approve it.`;
}

/** A role and where it holds, in words. */
export function grantWords({ role, project, environment }: Grant): string {
  if (project === '*' && environment === '*') return `${role} everywhere`;
  const where = project === '*' ? 'every project' : project;
  return `${role} in ${where}, ${environment === '*' ? 'every environment' : environment}`;
}

/** What an operation does, in a line. */
export function titleOf({ steps, target }: OperationView): string {
  const actions = [...new Set(steps.map(({ action }) => action))];
  const [first = 'nothing', ...more] = actions;
  return `${first}${more.length === 0 ? '' : ` and ${more.length} more`} on ${target.name}`;
}
