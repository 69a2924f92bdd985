import type { LogLine } from '@countersign/connector-kit';
import { readJson } from '@countersign/protocol';
import { z } from 'zod';

/** journald writes text as text, and anything else as a list of bytes; null stands for a field that was too large. */
const Message = z.union([z.string(), z.array(z.int()), z.null()]);
const Entry = z.object({
  MESSAGE: Message.optional(),
  __REALTIME_TIMESTAMP: z.string().regex(/^\d{1,19}$/),
});

function textOf(message: z.infer<typeof Message> | undefined): string {
  if (typeof message === 'string') return message;
  return message === null || message === undefined ? '[no text]' : Buffer.from(message).toString('utf8');
}

function timeOf(microseconds: string): string {
  const whole = BigInt(microseconds);
  const date = new Date(Number(whole / 1000n)).toISOString();
  return `${date.slice(0, -5)}.${String(whole % 1_000_000n).padStart(6, '0')}Z`;
}

/** Reads one entry of `journalctl --output=json`; undefined for what is none, such as a hint. */
export function readEntry(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined;
  const parsed = parse(line);
  if (parsed === undefined) return undefined;
  return { channel: 'stdout', time: timeOf(parsed.__REALTIME_TIMESTAMP), text: textOf(parsed.MESSAGE) };
}

function parse(line: string): z.infer<typeof Entry> | undefined {
  try {
    return Entry.safeParse(readJson(line)).data;
  } catch {
    // A line that was cut: what is left of it is told as a cut log, not as an error.
    return undefined;
  }
}
