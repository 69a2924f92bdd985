import { StreamEvent } from '@countersign/protocol';

/** One server-sent event with its id. */
export interface ReadEvent {
  readonly id: number;
  readonly event: StreamEvent;
}

/** Reads an operation's stream by plain HTTP to its end, from the beginning or after a Last-Event-ID. */
export async function readStream(
  url: string,
  token: string,
  opId: string,
  lastEventId: number | null,
): Promise<ReadEvent[]> {
  const response = await fetch(`${url}/v1/ops/${opId}/events`, {
    headers: {
      authorization: `Bearer ${token}`,
      ...(lastEventId === null ? {} : { 'last-event-id': String(lastEventId) }),
    },
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the stream answered ${response.status}: ${text}`);
  return text.split('\n\n').flatMap((block) => {
    const parts = /^id: (\d+)\ndata: (.*)$/.exec(block);
    return parts === null ? [] : [{ id: Number(parts[1]), event: StreamEvent.parse(JSON.parse(parts[2] ?? '')) }];
  });
}
