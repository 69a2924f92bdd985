import type { Json, ReconcileAnswer } from '@countersign/protocol';
import type { ApiObject } from '../resource/answers.ts';
import { contentOf, guardOf, stepAnnotation } from './guard.ts';
import { placeOf, type Subject, titleOf } from './subject.ts';

/** The API server gives a write up after `writeTimeout`; until then one whose answer was lost may still be had. */
const inFlightMs = 12_000;

/**
 * Whether a step's change was had. The object names the step that changed it last. Where it names another one, it is as it was
 * observed (then ours was never had), or was changed otherwise: by exactly one change of its specification, which then is not
 * ours, or by more, which tells nothing.
 */
export function objectAnswer(
  subject: Subject,
  object: ApiObject | undefined,
  intent: { guard: Json; key: string; generation: number | null; ageMs: number },
): ReconcileAnswer {
  const { uid, content } = guardOf(intent.guard, placeOf(subject), titleOf(subject));
  if (object === undefined) {
    if (uid !== null) return 'indeterminate';
    return intent.ageMs < inFlightMs ? 'indeterminate' : 'not_applied';
  }
  if (object.metadata.annotations[stepAnnotation] === intent.key) return 'applied';
  if (object.metadata.uid !== uid) return 'indeterminate';
  if (contentOf(object) === content) return intent.ageMs < inFlightMs ? 'indeterminate' : 'not_applied';
  const { generation } = object.metadata;
  if (generation === undefined || intent.generation === null) return 'indeterminate';
  // An old guard is refused by the API, so a change by somebody else leaves ours no way any more.
  return generation <= intent.generation + 1 ? 'not_applied' : 'indeterminate';
}
