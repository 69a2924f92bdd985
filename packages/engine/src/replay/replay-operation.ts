import type { Operation } from '@countersign/kernel';
import { ReplayInputs, replayActionOf } from '@countersign/protocol';

/** What an operation replays; null where it is no replay. No connector may declare an action of this name. */
export function replayedBy(operation: Pick<Operation, 'effect' | 'target' | 'steps'>): ReplayInputs | null {
  const [step] = operation.steps;
  if (operation.effect !== 'read' || step?.action !== replayActionOf(operation.target.connector)) return null;
  return ReplayInputs.parse(step.inputs);
}
