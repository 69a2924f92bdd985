import type { Json } from '@countersign/protocol';
import type { Applied, ConnectedTarget, Observation, ParsedStep, WorkContext } from '../../connector/connector.ts';
import { stored } from './bench.ts';

/** What the runner keeps of a step before it applies it. */
export interface Intent {
  readonly before: Json;
  readonly guard: Json;
  readonly recordedAt: number;
}

/** Observes as the runner does before the first effect; everything kept is what a database gives back. */
export async function look(
  connection: ConnectedTarget,
  steps: readonly ParsedStep[],
  context: WorkContext,
): Promise<Observation> {
  const seen = await connection.observe(steps, context);
  return { ...seen, guard: stored(seen.guard) };
}

/** Records the intent of one step. */
export async function intend(
  connection: ConnectedTarget,
  step: ParsedStep,
  guard: Json,
  context: WorkContext,
  nowMs: number,
): Promise<Intent> {
  return { before: stored(await connection.before(step, guard, context)), guard, recordedAt: nowMs };
}

/** Applies one intended step. */
export async function applyIntent(
  connection: ConnectedTarget,
  step: ParsedStep,
  intent: Intent,
  context: WorkContext,
): Promise<Applied> {
  const applied = await connection.apply(step, intent.before, intent.guard, context);
  return { after: stored(applied.after), guard: stored(applied.guard) };
}

/** Observes, then intends, applies and verifies step after step, each with the guard of the one before. */
export async function runList(
  connection: ConnectedTarget,
  steps: readonly ParsedStep[],
  context: WorkContext,
  nowMs: number,
): Promise<{ step: ParsedStep; intent: Intent; applied: Applied; seen: Json }[]> {
  let { guard } = await look(connection, steps, context);
  const done: { step: ParsedStep; intent: Intent; applied: Applied; seen: Json }[] = [];
  for (const step of steps) {
    const intent = await intend(connection, step, guard, context, nowMs);
    const applied = await applyIntent(connection, step, intent, context);
    const seen = stored(await connection.verify(step, intent.before, applied, context));
    done.push({ step, intent, applied, seen });
    guard = applied.guard;
  }
  return done;
}
