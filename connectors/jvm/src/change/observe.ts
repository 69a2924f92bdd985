import { ConnectorError, fingerprint, type Observation, type ParsedStep } from '@countersign/connector-kit';
import type { JsonObject, Precondition } from '@countersign/protocol';
import { type Found, findJvm } from '../jcmd/find-jvm.ts';
import type { Jcmd } from '../jcmd/jcmd.ts';
import { gcAction, JvmInputs } from '../manifest.ts';
import { guardOf } from './kept-state.ts';

/** One step of the list with the JVM it is about. */
export interface StepView {
  readonly index: number;
  readonly found: Found;
}

function requireGc(step: ParsedStep): void {
  if (step.action === gcAction.name) return;
  throw new ConnectorError('E_VALIDATION', `${step.action} is no action of this connector that can be planned`, {
    effect: 'none',
  });
}

/** One look at everything a list of steps is about. */
export async function look(jcmd: Jcmd, steps: readonly ParsedStep[], signal: AbortSignal): Promise<StepView[]> {
  const views: StepView[] = [];
  for (const step of steps) {
    requireGc(step);
    views.push({ index: step.index, found: await findJvm(jcmd, JvmInputs.parse(step.inputs).jvm, signal) });
  }
  return views;
}

function observedFields({ jvm, asked }: Found): JsonObject {
  if (jvm === undefined) return { exists: false, asked };
  const { pid, name, counters, flags } = jvm;
  return {
    exists: true,
    asked,
    pid,
    name,
    began_at: counters.beganAt,
    collector: flags.collector,
    max_heap_bytes: flags.maxHeapBytes,
    collects_when_asked: flags.explicitGc,
  };
}

/** One precondition for each different reference, in the order of the steps; a missing one is a precondition too. */
export function preconditionsOf(views: readonly StepView[]): Precondition[] {
  const byResource = new Map<string, Precondition>();
  for (const { found } of views) {
    const observed = observedFields(found);
    const resource = `jvms/${found.asked}`;
    byResource.set(resource, { resource, kind: 'jvm', fingerprint: fingerprint(observed), observed });
  }
  return [...byResource.values()];
}

/** What a run compares with its plan, and the guard for the collections. `identity` names the place. */
export async function observe(
  jcmd: Jcmd,
  identity: string,
  steps: readonly ParsedStep[],
  signal: AbortSignal,
): Promise<Observation> {
  const views = await look(jcmd, steps, signal);
  const jvms = views.flatMap(({ found }) => (found.jvm === undefined ? [] : [found.jvm]));
  const different = new Map(jvms.map((jvm) => [jvm.pid, jvm]));
  return { identity, preconditions: preconditionsOf(views), guard: guardOf([...different.values()]) };
}
