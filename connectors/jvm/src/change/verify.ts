import { type Applied, ConnectorError, type WorkContext } from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import type { Jcmd } from '../jcmd/jcmd.ts';
import { GcState, gcStateOf } from './kept-state.ts';

/** Reads back that the same JVM runs and has counted a collection more. Throws E_VERIFY where it has not. */
export async function verify(jcmd: Jcmd, before: Json, applied: Applied, context: WorkContext): Promise<Json> {
  const was = GcState.parse(before);
  const after = GcState.parse(applied.after);
  const counters = await jcmd.counters(was.pid, context.signal);
  if (counters === undefined || counters.beganAt !== was.began_at) {
    throw new ConnectorError('E_VERIFY', `JVM ${was.pid} (${was.name}) ended after it collected`, {
      detail: { pid: was.pid },
    });
  }
  const now = gcStateOf(was, counters);
  if (Math.max(now.major_collections, after.major_collections) > was.major_collections) return now;
  throw new ConnectorError('E_VERIFY', `JVM ${was.pid} (${was.name}) has counted no collection more`, {
    detail: { pid: was.pid, major_collections: now.major_collections, last_cause: now.last_cause },
  });
}
