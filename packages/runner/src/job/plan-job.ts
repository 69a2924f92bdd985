import { JsonObject, PlannedContent } from '@countersign/protocol';
import { scrubJson } from '../output/scrub-json.ts';
import { failureOf, type JobSession, parseSteps, withContext } from './job-session.ts';

/** Observes the live target and plans the steps as a whole. Changes nothing. */
export async function planJob(session: JobSession): Promise<void> {
  const { port, fence, scrubber } = session;
  try {
    const steps = parseSteps(session);
    const first = steps[0] ?? { index: 0, action: '' };
    const { value } = await withContext(session, first, session.lost, (context) => session.target.plan(steps, context));
    const planned = PlannedContent.parse(scrubJson(JsonObject.parse(value), scrubber));
    await port.complete(fence, { kind: 'plan', result: planned });
  } catch (error) {
    if (session.lost.aborted) return;
    const failure = failureOf(error, scrubber);
    await port.complete(fence, { kind: 'plan', result: { error: failure } });
  }
}
