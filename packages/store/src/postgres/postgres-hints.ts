import { randomUUID } from 'node:crypto';
import type { Hints } from '@countersign/kernel';
import { Client } from 'pg';
import type { StoreWarning } from '../open/store-options.ts';

const channel = 'countersign_hint';
const reconnectMs = 1000;
/** Postgres takes payloads below 8,000 bytes. */
const payloadBytes = 7000;

/**
 * Hints over LISTEN and NOTIFY on a connection of their own. They are sent after the commits they are about and not in
 * them, because a commit that notifies waits for every other one that does. What is published while a message is on its
 * way goes out together, each topic once.
 */
export class PostgresHints implements Hints {
  readonly #url: string;
  readonly #report: (warning: StoreWarning) => void;
  readonly #self = randomUUID();
  readonly #waiting = new Set<string>();
  #heard: ((topic: string) => void) | null = null;
  #client: Client | null = null;
  #connecting: Promise<void> | null = null;
  #sending: Promise<void> | null = null;
  #retry: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(url: string, report: (warning: StoreWarning) => void) {
    this.#url = url;
    this.#report = report;
  }

  publish(topic: string): void {
    // Nobody connects for a store that only reads and writes: one that does not listen does not tell either.
    if (this.#closed || this.#heard === null) return;
    this.#waiting.add(topic);
    this.#sending ??= this.#send().finally(() => {
      this.#sending = null;
    });
  }

  listen(heard: (topic: string) => void): void {
    this.#heard = heard;
    this.#connecting ??= this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#retry !== null) clearTimeout(this.#retry);
    await this.#connecting;
    await this.#sending;
    // What a lost connection says at its end changes nothing any more.
    await this.#client?.end().catch(() => undefined);
  }

  async #connect(): Promise<void> {
    const client = new Client({
      connectionString: this.#url,
      keepAlive: true,
      application_name: 'countersign hints',
      connectionTimeoutMillis: 5000,
    });
    const lost = (error: unknown): void => {
      if (this.#closed || this.#retry !== null) return;
      this.#client = null;
      this.#report({ kind: 'connection_lost', error });
      void client.end().catch(() => undefined);
      this.#retry = setTimeout(() => {
        this.#retry = null;
        this.#connecting = this.#connect();
      }, reconnectMs).unref();
    };
    client.on('error', lost);
    client.on('end', () => lost(new Error('the connection for hints ended')));
    client.on('notification', ({ payload }) => this.#hear(payload ?? ''));
    try {
      await client.connect();
      await client.query(`listen ${channel}`);
      this.#client = client;
    } catch (error) {
      lost(error);
    }
  }

  #hear(payload: string): void {
    const [sender, ...topics] = payload.split(' ');
    if (sender === this.#self) return;
    for (const topic of topics) this.#heard?.(topic);
  }

  async #send(): Promise<void> {
    await this.#connecting;
    while (this.#waiting.size > 0) {
      const client = this.#client;
      if (client === null) {
        this.#waiting.clear();
        return;
      }
      let payload: string = this.#self;
      for (const topic of this.#waiting) {
        if (payload.length + topic.length >= payloadBytes) break;
        payload += ` ${topic}`;
        this.#waiting.delete(topic);
      }
      // A hint that is lost costs waiting, and the connection tells of its end by itself.
      await client.query('select pg_notify($1, $2)', [channel, payload]).catch(() => undefined);
    }
  }
}
