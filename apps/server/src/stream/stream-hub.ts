import { type Caller, credentialsTopic, type EngineContext } from '@countersign/engine';
import { type Person, type Place, type Reads, roleAt } from '@countersign/kernel';
import type { StreamQuery } from '@countersign/protocol';
import type { FastifyReply } from 'fastify';
import { Admission } from './admission.ts';
import { Broadcast } from './broadcast.ts';
import type { StreamLimits } from './stream-limits.ts';
import { StreamStats } from './stream-stats.ts';
import { StreamWriter } from './stream-writer.ts';
import { Watcher, type WatchRequest } from './watcher.ts';

const tickMs = 1000;

/** Who asks for which stream. */
export interface StreamRequest {
  readonly key: string;
  readonly caller: Caller;
  /** Where what the stream tells of happens. */
  readonly place: Place;
  readonly query: StreamQuery;
  readonly lastEventId: number;
}

/** Of these names those that somebody has who signs in. */
async function peopleOf(reads: Reads, names: ReadonlySet<string>): Promise<ReadonlyMap<string, Person>> {
  const people = new Map<string, Person>();
  for (const name of names) {
    const person = await reads.people.byName(name);
    if (person !== null) people.set(name, person);
  }
  return people;
}

/** Every open stream of one server: admits readers, looks after their time and their tokens, and ends them. */
export class StreamHub {
  readonly stats = new StreamStats();
  readonly #context: EngineContext;
  readonly #limits: StreamLimits;
  readonly #admission: Admission;
  readonly #broadcasts = new Map<string, Broadcast>();
  readonly #closed = new AbortController();
  #ticking: Promise<void> | null = null;

  constructor(context: EngineContext, limits: StreamLimits) {
    this.#context = context;
    this.#limits = limits;
    this.#admission = new Admission(limits);
  }

  /** Streams that have readers. */
  get streams(): number {
    return this.#broadcasts.size;
  }

  /** Readers. */
  get watchers(): number {
    return this.#admission.open;
  }

  /**
   * Answers a request with a stream. Throws E_RATE_LIMITED when too many are open, and what the store throws; after that
   * the answer belongs to the stream.
   */
  async open(request: StreamRequest, reply: FastifyReply): Promise<void> {
    const leave = this.#admit(request.caller.principal.id);
    const { key } = request;
    // Held meanwhile, so that whoever leaves last does not end what is being opened.
    const held = this.#context.streams.hold(key);
    try {
      await held.tail.open();
    } catch (error) {
      leave();
      held.release();
      throw error;
    }
    const broadcast = this.#broadcasts.get(key) ?? new Broadcast(this.#context.streams.hold(key));
    this.#broadcasts.set(key, broadcast);
    held.release();
    reply.hijack();
    const watcher = new Watcher(this.#within(request), broadcast.tail, {
      writer: new StreamWriter(reply.raw, reply.getHeaders()),
      frames: broadcast.frames,
      stats: this.stats,
      onEnd: () => {
        leave();
        broadcast.watchers.delete(watcher);
        if (broadcast.watchers.size > 0) return;
        broadcast.end();
        this.#broadcasts.delete(key);
      },
    });
    broadcast.watchers.add(watcher);
    this.#ticking ??= this.#tick().finally(() => {
      this.#ticking = null;
    });
    if (this.#closed.signal.aborted) watcher.close('shutdown');
    else if (reply.raw.closed) watcher.leave();
    else watcher.pump();
  }

  /** Ends every stream with a word where to resume. */
  async close(): Promise<void> {
    this.#closed.abort();
    for (const watcher of this.#all()) watcher.close('shutdown');
    await this.#ticking;
  }

  #admit(principal: string): () => void {
    try {
      return this.#admission.enter(principal);
    } catch (error) {
      this.stats.refused += 1;
      throw error;
    }
  }

  #within({ caller, place, query, lastEventId }: StreamRequest): WatchRequest {
    const { maxMs, maxEvents, maxBytes } = this.#limits;
    return {
      credential: caller.credential,
      root: caller.principal.root,
      place,
      after: query.after ?? lastEventId,
      follow: query.follow === 'true',
      maxMs: Math.min(query.max_ms ?? maxMs, maxMs),
      maxEvents: Math.min(query.max_events ?? maxEvents, maxEvents),
      maxBytes: Math.min(query.max_bytes ?? maxBytes, maxBytes),
    };
  }

  #all(): Watcher[] {
    return [...this.#broadcasts.values()].flatMap(({ watchers }) => [...watchers]);
  }

  /** One loop for all readers, as long as there are some. */
  async #tick(): Promise<void> {
    const { signal } = this.#closed;
    while (this.#broadcasts.size > 0 && !signal.aborted) {
      // A token or a session that is ended here ends its streams at once, one that another server ended at the next look.
      await this.#context.wake.wait(credentialsTopic, tickMs, signal);
      const now = performance.now();
      for (const watcher of this.#all()) watcher.tick(now);
      await this.#endRevoked();
    }
  }

  async #endRevoked(): Promise<void> {
    const watchers = this.#all();
    const idsOf = (kind: 'token' | 'session'): string[] => [
      ...new Set(watchers.flatMap(({ request: { credential } }) => (credential.kind === kind ? credential.id : []))),
    ];
    const [tokens, sessions] = [idsOf('token'), idsOf('session')];
    const { clock, signIn, store } = this.#context;
    const found = await store
      .read(async (reads) => ({
        ended: [
          ...(await reads.tokens.endedOf(tokens, clock.now())),
          ...(await reads.sessions.endedOf(sessions, clock.now(), signIn.settings.idleMs)),
        ],
        people: await peopleOf(reads, new Set(watchers.map(({ request: { root } }) => root))),
      }))
      // A database that does not answer now is asked again in a second.
      .catch(() => null);
    if (found === null) return;
    for (const watcher of watchers) {
      const { credential, root, place } = watcher.request;
      const person = found.people.get(root);
      const sees = person === undefined || roleAt(person, place) !== null;
      if (credential.kind !== 'internal' && (!sees || found.ended.includes(credential.id))) watcher.close('revoked');
    }
  }
}
