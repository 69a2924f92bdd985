import { emit } from '@countersign/engine';
import type { StreamEvent } from '@countersign/protocol';
import type { Stage } from './describe-server.ts';
import { propose, writeFiles } from './flow.ts';
import type { TestServer } from './open-server.ts';

let count = 0;

/** A new operation that waits for its approval: its stream is open until it is cancelled. */
export async function waitingOperation(stage: Stage): Promise<string> {
  count += 1;
  return (await propose(stage.alice.client, writeFiles('prod', { [`stream-${count}.txt`]: 'x\n' }))).op_id;
}

/** An event of output with this text. */
export function outputOf(text: string): StreamEvent {
  return { type: 'output', step: 0, channel: 'stdout', text, first_line: 0, line_count: 1 };
}

/** Appends events to an operation's stream through one server, as its engine does. */
export async function append(server: TestServer, opId: string, events: readonly StreamEvent[]): Promise<void> {
  const { context } = server.running;
  await context.store.write((unit) => emit(context, unit, opId, events));
}
