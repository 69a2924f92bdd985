import { JsonObject, type PlanError, PlannedContent } from '@countersign/protocol';
import { scrubJson } from '../output/scrub-json.ts';
import { failureOf, type JobSession, parseSteps, withContext } from './job-session.ts';

/** A way back that holds a secret was scrubbed: run as it stands, it would write the mark where the secret was. */
function withoutSpoiltRollback(found: PlannedContent, scrubbed: PlannedContent): PlannedContent {
  const stepsOf = ({ rollback }: PlannedContent) => JSON.stringify(rollback.possible ? rollback.steps : []);
  if (stepsOf(found) === stepsOf(scrubbed)) return scrubbed;
  return { ...scrubbed, rollback: { possible: false, reason: 'the way back holds a secret, which no plan may show' } };
}

/** Observes the live target and plans the steps as a whole. Changes nothing. */
export async function planJob(session: JobSession): Promise<void> {
  const { port, fence, scrubber } = session;
  let result: PlannedContent | { error: PlanError };
  try {
    const steps = parseSteps(session);
    const first = steps[0] ?? { index: 0, action: '' };
    const { value } = await withContext(session, first, session.lost, (context) => session.target.plan(steps, context));
    result = withoutSpoiltRollback(value, PlannedContent.parse(scrubJson(JsonObject.parse(value), scrubber)));
  } catch (error) {
    if (session.lost.aborted) return;
    result = { error: failureOf(error, scrubber) };
  }
  await port.complete(fence, { kind: 'plan', result });
}
