import type { Store, StreamChunk, StreamReads } from '@countersign/kernel';

/** What an agent has said of one run so far, as far as taking in more needs it. */
export interface Said {
  /** Of the last event of the stream that is counted here. */
  readonly sequence: number;
  /** Of its output and its words on progress. */
  readonly bytes: number;
  /** Number of its next line of output. */
  readonly nextLine: number;
  /** The end of it as one text, without the line ends that reports end with: a secret that two reports cut is whole in it. */
  readonly tail: string;
}

const nothing: Said = { sequence: 0, bytes: 0, nextLine: 0, tail: '' };
/** Longer than any spelling of any secret. */
const tailLength = 65_536;
const pageSize = 500;
const mostKept = 1000;

function withChunk(said: Said, { sequence, event }: StreamChunk): Said {
  if (event.type !== 'output' && event.type !== 'progress') return { ...said, sequence };
  const text = event.type === 'output' ? event.text : event.message;
  return {
    sequence,
    bytes: said.bytes + Buffer.byteLength(text),
    nextLine: event.type === 'output' ? event.first_line + event.line_count : said.nextLine,
    tail: (said.tail + text.replace(/\n$/, '')).slice(-tailLength),
  };
}

/** Reads what was said since. */
export async function readOn(streams: StreamReads, operationId: string, from: Said): Promise<Said> {
  let said = from;
  for (;;) {
    const page = await streams.after(operationId, said.sequence, pageSize);
    said = page.reduce(withChunk, said);
    if (page.length < pageSize) return said;
  }
}

/** What agents have said of their runs, kept so that a report reads only what came since the one before, whichever server took it. */
export class DispatchLogs {
  readonly #kept = new Map<string, Said>();

  /** What is durable of it. */
  async of(store: Pick<Store, 'read'>, operationId: string): Promise<Said> {
    const known = this.#kept.get(operationId) ?? nothing;
    const said = await store.read((reads) => readOn(reads.streams, operationId, known));
    this.#kept.delete(operationId);
    this.#kept.set(operationId, said);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > mostKept && oldest !== undefined) this.#kept.delete(oldest);
    return said;
  }

  /** Its run is over. */
  forget(operationId: string): void {
    this.#kept.delete(operationId);
  }
}
