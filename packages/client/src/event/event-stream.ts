import { CodedError, readJson, StreamEvent, StreamNotice } from '@countersign/protocol';
import { createParser, type EventSourceMessage } from 'eventsource-parser';

/** One event of an operation's stream. `id` is its sequence number, to resume after. */
export interface NumberedEvent {
  readonly id: number;
  readonly event: StreamEvent;
}

/** One item read from the wire: an event, or the server's word about the stream. */
export type WireItem = { readonly event: NumberedEvent } | { readonly notice: StreamNotice };

// The server sends a heartbeat every 15 s; three missed ones mean a dead connection.
const silenceMs = 45_000;
const maxBufferBytes = 4 * 1024 * 1024;

function wireItem(message: EventSourceMessage): WireItem | null {
  if (message.data === '') return null;
  let data: unknown;
  try {
    data = readJson(message.data);
  } catch (cause) {
    throw new CodedError('E_INTERNAL', 'an event of the stream is no JSON', {}, { cause });
  }
  const notice = StreamNotice.safeParse({ name: message.event, data });
  if (notice.success) return { notice: notice.data };
  const event = StreamEvent.safeParse(data);
  const id = Number(message.id);
  // A kind of event that a newer server sends is skipped, not an end of the stream.
  if (!event.success || !Number.isSafeInteger(id)) return null;
  return { event: { id, event: event.data } };
}

/** Reads server-sent events from a response body until it ends; a connection silent for 45 s counts as ended. */
export async function* readEventStream(body: ReadableStream<Uint8Array>): AsyncGenerator<WireItem> {
  const pending: WireItem[] = [];
  const parser = createParser({
    maxBufferSize: maxBufferBytes,
    onEvent: (message) => {
      const item = wireItem(message);
      if (item !== null) pending.push(item);
    },
    onError: (error) => {
      if (error.type === 'max-buffer-size-exceeded') throw error;
    },
  });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    while (true) {
      const chunk = await readWithin(reader, silenceMs);
      if (chunk === null) return;
      parser.feed(decoder.decode(chunk, { stream: true }));
      yield* pending.splice(0);
    }
  } finally {
    // The connection may be broken already; that it closes is all that matters here.
    await reader.cancel().catch(() => undefined);
  }
}

async function readWithin(reader: ReadableStreamDefaultReader<Uint8Array>, ms: number): Promise<Uint8Array | null> {
  const { promise: silence, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(resolve, ms, null);
  try {
    const read = await Promise.race([reader.read(), silence]);
    return read === null || read.done ? null : read.value;
  } finally {
    clearTimeout(timer);
  }
}
