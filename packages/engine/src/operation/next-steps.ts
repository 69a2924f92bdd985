import type { DisplayStatus, Operation } from '@countersign/kernel';

/** The commands a person would type next, most likely first. */
export function nextSteps(operation: Operation, status: DisplayStatus, canRollBack: boolean): string[] {
  const { id } = operation;
  switch (status) {
    case 'waiting_confirmation':
      return [`countersign confirm ${id}`, `countersign cancel ${id}`];
    case 'waiting_approval':
      return [`countersign approve ${id}`, `countersign reject ${id} --reason "…"`];
    case 'ready':
      return [`countersign start ${id}`];
    case 'held':
      return ['countersign freezes', `countersign break-glass use ${id} --reason "…"`];
    case 'queued':
    case 'running':
    case 'cancelling':
      return [`countersign logs -f ${id}`];
    case 'succeeded':
    case 'failed':
    case 'cancelled':
    case 'rolled_back':
      return [`countersign evidence get ${operation.bundleId}`, ...(canRollBack ? [`countersign rollback ${id}`] : [])];
    case 'outcome_unknown':
      return [`countersign resolve ${id} --outcome applied --reason "…"`];
    case 'stale':
    case 'plan_failed':
      return ['propose it again: the plan is made from the state of now'];
    case 'checks_failed':
      return ['put right what the failed checks name, here or at the target, and propose it again'];
    default:
      return [];
  }
}
