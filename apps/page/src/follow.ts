import type { StreamEvent } from '@countersign/protocol';
import { readJson } from '@countersign/protocol/read-json';
import { openEvents } from './api.ts';
import { isRefused } from './refused.ts';

interface Message {
  readonly id: number;
  readonly name: string;
  readonly data: string;
}

function messageOf(block: string): Message {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const at = line.indexOf(': ');
    if (at > 0) fields.set(line.slice(0, at), line.slice(at + 2));
  }
  return { id: Number(fields.get('id') ?? 0), name: fields.get('event') ?? '', data: fields.get('data') ?? '' };
}

async function* messages(stream: ReadableStream<Uint8Array>): AsyncGenerator<Message> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  let text = '';
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    yield* blocks.map(messageOf).filter(({ data }) => data !== '');
  }
}

/** The server sends these events by the schema that this type is made from. */
function read(data: string): StreamEvent;
function read(data: string): unknown {
  return readJson(data);
}

const pauseMs = 1000;
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Tells every event of an operation until its last one, or until the signal; a connection that breaks is taken up again. */
export async function followOperation(
  operation: string,
  tell: (event: StreamEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  let after = 0;
  while (!signal.aborted) {
    try {
      for await (const { id, name, data } of messages(await openEvents(operation, after, signal))) {
        if (name === 'closing' && /"reason":"(?:ended|revoked)"/.test(data)) return;
        if (name !== '') continue;
        after = id;
        const event = read(data);
        tell(event);
        if (event.type === 'end') return;
      }
    } catch (error) {
      if (signal.aborted) return;
      // Whoever is signed out, or may not look any more, learns it from the next click.
      if (isRefused(error, 'E_AUTH_REQUIRED', 'E_AUTH_INVALID', 'E_AUTH_FORBIDDEN', 'E_NOT_FOUND')) return;
    }
    await pause(pauseMs);
  }
}
