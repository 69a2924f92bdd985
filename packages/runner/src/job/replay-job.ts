import { type Replayed, replayRecord } from '@countersign/connector-kit';
import { JsonObject, PlannedContent, type ReplayRecord, type Scrubber } from '@countersign/protocol';
import { scrubJson } from '../output/scrub-json.ts';
import { type JobSession, withContext } from './job-session.ts';

const Derived = PlannedContent.pick({ diffs: true, preconditions: true });

/** The plan's own parts lost what looks like a credential when it was made; what is compared with them does too. */
export function scrubbedAsPlan(scrubber: Scrubber): (derived: Replayed['derived']) => Replayed['derived'] {
  return ({ diffs, preconditions }) =>
    Derived.parse(scrubJson(JsonObject.parse({ diffs: [...diffs], preconditions: [...preconditions] }), scrubber));
}

/** Replays what a sealed bundle records, on a scratch copy or in the head; answers the report as a read's summary. */
export async function replayJob(session: JobSession, record: ReplayRecord, signal: AbortSignal): Promise<JsonObject> {
  const { target, actions, scrubber } = session;
  const first = record.plan.steps[0] ?? { index: 0, action: '' };
  const { value } = await withContext(session, first, signal, (context) =>
    replayRecord(target, actions, record, context, scrubbedAsPlan(scrubber)),
  );
  return JsonObject.parse(scrubJson(JsonObject.parse(value), scrubber));
}
