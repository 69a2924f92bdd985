import type { StreamChunk, Unit } from '@countersign/kernel';
import type { StreamEvent } from '@countersign/protocol';
import type { EngineContext } from '../context/context.ts';
import { operationTopic, stateTopic } from '../context/wake-ups.ts';

/** Appends events to an operation's stream in the unit of the change, and wakes its watchers after the commit. */
export async function emit(
  context: EngineContext,
  unit: Unit,
  operationId: string,
  events: readonly StreamEvent[],
): Promise<void> {
  await unit.streams.append(operationId, context.clock.now(), events);
  const turned = events.some(isTurn);
  unit.afterCommit(() => {
    context.wake.notify(operationTopic(operationId));
    if (turned) context.wake.notify(stateTopic(operationId));
  });
}

function isTurn(event: StreamEvent): boolean {
  return event.type === 'end' || (event.type === 'state' && !event.subject.startsWith('step '));
}

/** Follows an operation's stream from a sequence on; ends after its `end` event, or on abort. */
export async function* followOperation(
  context: EngineContext,
  operationId: string,
  after: number,
  signal: AbortSignal,
): AsyncGenerator<StreamChunk, void, undefined> {
  let sequence = after;
  while (!signal.aborted) {
    const listener = context.wake.listen(operationTopic(operationId), 1000, signal);
    const chunks = await context.store.read((reads) => reads.streams.after(operationId, sequence, 500));
    for (const chunk of chunks) {
      sequence = chunk.sequence;
      yield chunk;
      if (chunk.event.type === 'end') {
        listener.stop();
        return;
      }
    }
    if (chunks.length === 0) await listener.done;
    else listener.stop();
  }
}
