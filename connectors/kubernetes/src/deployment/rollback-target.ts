import type { View } from '../change/look.ts';
import { placeOf, type Subject } from '../change/subject.ts';
import { RollbackInputs, rollbackAction } from '../manifest/write-actions.ts';
import { deploymentState } from './kept-state.ts';
import { earlierRevision, type Revision } from './revisions.ts';

/** How preconditions and guards name the revision that a deployment goes back to. */
export function revisionPlace(subject: Subject): string {
  return `${placeOf(subject)}/revision`;
}

/** The revision that a step goes back to; undefined for other steps, and where there is none. */
export function chosenRevision({ step, found }: Pick<View, 'step' | 'found'>): Revision | undefined {
  if (step.action !== rollbackAction.name || found.is !== 'there') return undefined;
  const { to_revision } = RollbackInputs.parse(step.inputs);
  return earlierRevision(found.revisions, deploymentState(found.object).revision, to_revision);
}
