import {
  type Applied,
  ConnectorError,
  interruption,
  type ParsedStep,
  type WorkContext,
} from '@countersign/connector-kit';
import type { Json } from '@countersign/protocol';
import { requireJvm } from '../jcmd/find-jvm.ts';
import type { Jcmd } from '../jcmd/jcmd.ts';
import { collectTimeoutMs, JvmInputs } from '../manifest.ts';
import { GcState, Guard, gcStateOf, requireSame } from './kept-state.ts';

/** How often people are told that the JVM is still at it. */
const tellMs = 5_000;

/** The JVM's collections before the step; throws E_PLAN_STALE if it is another JVM than was observed. */
export async function before(jcmd: Jcmd, step: ParsedStep, guard: Json, context: WorkContext): Promise<GcState> {
  const jvm = await requireJvm(jcmd, JvmInputs.parse(step.inputs).jvm, context.signal);
  return gcStateOf(jvm, requireSame(jvm.pid, jvm.counters, Guard.parse(guard)));
}

/** Has the JVM collect once. Right before, it is read again that the pid is still that JVM's. */
export async function apply(
  jcmd: Jcmd,
  step: ParsedStep,
  before: Json,
  guard: Json,
  context: WorkContext,
): Promise<Applied> {
  const was = GcState.parse(before);
  const { signal } = context;
  requireSame(was.pid, await jcmd.counters(was.pid, signal), Guard.parse(guard));
  const said = await collect(jcmd, was, context);
  if (/Explicit GC is disabled/i.test(said)) {
    throw new ConnectorError('E_TARGET_REFUSED', `JVM ${was.pid} does not collect when it is asked to`, {
      effect: 'none',
      detail: { pid: was.pid, step: step.index, next: 'it was started with -XX:+DisableExplicitGC' },
    });
  }
  return { after: await readBack(jcmd, was, signal), guard };
}

async function collect(jcmd: Jcmd, { pid, name }: GcState, context: WorkContext): Promise<string> {
  context.progress(`${name} (${pid}) collects its garbage`);
  let waited = 0;
  const timer = setInterval(() => {
    waited += tellMs / 1000;
    context.progress(`${name} (${pid}) has been collecting for ${waited} s`);
  }, tellMs);
  try {
    return await jcmd.collect(pid, collectTimeoutMs, context.signal);
  } finally {
    clearInterval(timer);
  }
}

/** Reads a JVM that has collected. Unlike that of other reads, its failure cannot promise that there was no effect. */
async function readBack(jcmd: Jcmd, was: GcState, signal: AbortSignal): Promise<GcState> {
  try {
    const counters = await jcmd.counters(was.pid, signal);
    if (counters?.beganAt === was.began_at) return gcStateOf(was, counters);
  } catch (cause) {
    if (signal.aborted) throw interruption(signal, 'reading back the collection', 'maybe');
    throw new ConnectorError('E_TARGET_UNREACHABLE', `JVM ${was.pid} collected, but cannot be read now`, { cause });
  }
  throw new ConnectorError('E_VERIFY', `JVM ${was.pid} ended after it collected`);
}
