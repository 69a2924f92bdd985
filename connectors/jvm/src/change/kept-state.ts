import { ConnectorError } from '@countersign/connector-kit';
import { z } from 'zod';
import type { Counters } from '../jcmd/counters.ts';
import type { Jvm } from '../jcmd/find-jvm.ts';

/** The JVMs of a list, by pid and the time at which each began: another that has the pid by now is another JVM. */
export const Guard = z.strictObject({ jvms: z.array(z.strictObject({ pid: z.int(), began_at: z.int() })) });
export type Guard = z.infer<typeof Guard>;

/** A JVM's collections as they are kept with the intent, and given as what stands after one. */
export const GcState = z.strictObject({
  pid: z.int(),
  name: z.string(),
  began_at: z.int(),
  major_collections: z.int(),
  last_cause: z.string(),
});
export type GcState = z.infer<typeof GcState>;

export function guardOf(jvms: readonly Jvm[]): Guard {
  return { jvms: jvms.map(({ pid, counters }) => ({ pid, began_at: counters.beganAt })) };
}

export function gcStateOf({ pid, name }: { readonly pid: number; readonly name: string }, counters: Counters): GcState {
  return {
    pid,
    name,
    began_at: counters.beganAt,
    major_collections: counters.majorCollections,
    last_cause: counters.lastCause,
  };
}

/** Throws E_PLAN_STALE (effect none) unless the JVM is one of those that were observed. */
export function requireSame(pid: number, counters: Counters | undefined, guard: Guard): Counters {
  const seen = guard.jvms.find((jvm) => jvm.pid === pid);
  if (counters !== undefined && seen?.began_at === counters.beganAt) return counters;
  const how = seen === undefined ? 'was not observed' : 'ended since it was observed';
  throw new ConnectorError('E_PLAN_STALE', `JVM ${pid} ${how}`, {
    effect: 'none',
    detail: { pid, moved: 'jvm', next: 'plan again from the present state' },
  });
}
