import type { OutputPlace, StreamLine, Unit } from '@countersign/kernel';
import type { StreamEvent } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { stateTopic } from '../context/wake-ups.ts';
import { tellAfter } from '../meter/work-meter.ts';

/** Appends events to an operation's stream in the unit of the change, and tells its followers after the commit. */
export async function emit(
  context: EngineContext,
  unit: Unit,
  operationId: string,
  events: readonly StreamEvent[],
): Promise<void> {
  tellAfterCommit(context, unit, operationId, await unit.streams.append(operationId, context.clock.now(), events));
  if (events.some(isTurn)) unit.afterCommit(() => context.wake.notify(stateTopic(operationId)));
}

/** Appends a worker's output; what it said before, and says again because the answer was lost, is left out. */
export async function emitOutput(
  context: EngineContext,
  unit: Unit,
  operationId: string,
  place: OutputPlace,
  events: readonly StreamEvent[],
): Promise<void> {
  const lines = await unit.streams.appendOutput(operationId, context.clock.now(), place, events);
  const truncated = events.slice(events.length - lines.length).filter(({ type }) => type === 'truncated').length;
  tellAfter(context, unit, { fact: 'said', events: lines.length, truncated });
  tellAfterCommit(context, unit, operationId, lines);
}

function tellAfterCommit(context: EngineContext, unit: Unit, operationId: string, lines: readonly StreamLine[]): void {
  if (lines.length > 0) unit.afterCommit(() => context.streams.feed(operationId, lines));
}

function isTurn(event: StreamEvent): boolean {
  return event.type === 'end' || (event.type === 'state' && !event.subject.startsWith('step '));
}
