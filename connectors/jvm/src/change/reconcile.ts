import type { WorkContext } from '@countersign/connector-kit';
import type { Json, ReconcileAnswer } from '@countersign/protocol';
import { askedCause, type Counters } from '../jcmd/counters.ts';
import type { Jcmd } from '../jcmd/jcmd.ts';
import { GcState, gcStateOf } from './kept-state.ts';

/** How long a command may be on its way to a JVM that counts it when it is over. */
const inFlightMs = 15_000;

/** Whether a collection was had, from what the JVM counts. One that others asked for or made cannot be told from ours later. */
export function gcAnswer(counters: Counters, was: GcState, inFlight: boolean): ReconcileAnswer {
  if (counters.beganAt !== was.began_at) return 'indeterminate';
  if (counters.majorCollections === was.major_collections) return inFlight ? 'indeterminate' : 'not_applied';
  return counters.lastCause === askedCause ? 'applied' : 'indeterminate';
}

/** Reads whether an intent without outcome had its effect. A JVM that is gone cannot tell. */
export async function reconcile(
  jcmd: Jcmd,
  intent: { before: Json; guard: Json; recordedAt: number },
  nowMs: number,
  context: WorkContext,
): Promise<{ answer: ReconcileAnswer; after: Json; guard: Json }> {
  const { guard } = intent;
  const was = GcState.parse(intent.before);
  const known = (await jcmd.list(context.signal)).some(({ pid }) => pid === was.pid);
  const counters = known ? await jcmd.counters(was.pid, context.signal) : undefined;
  if (counters === undefined) return { answer: 'indeterminate', after: null, guard };
  const answer = gcAnswer(counters, was, nowMs - intent.recordedAt < inFlightMs);
  return { answer, after: gcStateOf(was, counters), guard };
}
