import type { Reads } from '@countersign/kernel';
import type { StreamEvent } from '@countersign/protocol';

function lineOf(event: StreamEvent): string {
  if (event.type === 'output') return event.text;
  if (event.type === 'state') return `[${event.subject}] ${event.state}\n`;
  if (event.type === 'progress') return `[step ${event.step}] ${event.message}\n`;
  if (event.type === 'truncated') {
    return `[step ${event.step}] output stopped at ${event.cap_bytes} bytes; ${event.dropped_bytes} bytes were dropped\n`;
  }
  if (event.type === 'removed') return `[output of ${event.size_bytes} bytes was removed, sha256 ${event.sha256}]\n`;
  return `[end] ${event.state}\n`;
}

/** The whole stream of an operation as text, up to its end event. */
export async function bundleLog(reads: Reads, operationId: string): Promise<string> {
  let text = '';
  let sequence = 0;
  for (;;) {
    const chunks = await reads.streams.after(operationId, sequence, 1000);
    for (const chunk of chunks) {
      text += lineOf(chunk.event);
      sequence = chunk.sequence;
      if (chunk.event.type === 'end') return text;
    }
    if (chunks.length === 0) return text;
  }
}
