/** How far one webhook has been told what the audit log says. Times are epoch milliseconds. */
export interface Webhook {
  /** Name in the configuration. */
  readonly name: string;
  /** Leaf index of the first entry that it has not been told of. */
  readonly cursor: number;
  /** Failed attempts at the entry that comes next. */
  readonly attempts: number;
  readonly state: 'ok' | 'failing';
  readonly error: string | null;
  /** When the state last changed. */
  readonly changedAt: number;
  readonly deliveredAt: number | null;
  /** Not tried again before. */
  readonly nextAt: number;
  /** The server that delivers now, and until when no other takes over. */
  readonly holder: string | null;
  readonly heldUntil: number;
}

/** What a webhook did not take in all its attempts. The body is made again from the entry. */
export interface DeadLetter {
  readonly webhook: string;
  readonly entryId: string;
  readonly leafIndex: number;
  readonly event: string;
  readonly attempts: number;
  readonly error: string;
  /** When it was given up last. */
  readonly diedAt: number;
  /** Whether somebody asked for one more attempt. */
  readonly queued: boolean;
}

export interface WebhookReads {
  get(name: string): Promise<Webhook | null>;
  /** Dead letters of a webhook by leaf index, only queued ones where that is asked. */
  letters(webhook: string, filter: { readonly queued: boolean; readonly limit: number }): Promise<DeadLetter[]>;
  countLetters(webhook: string): Promise<number>;
}
export interface WebhookWrites extends WebhookReads {
  /** Inserts unless it stands. */
  begin(webhook: Webhook): Promise<void>;
  /** Reads one row and locks it until the unit ends. */
  lock(name: string): Promise<Webhook | null>;
  save(webhook: Webhook): Promise<void>;
  /** Writes a dead letter or replaces it. */
  keepLetter(letter: DeadLetter): Promise<void>;
  removeLetter(webhook: string, entryId: string): Promise<void>;
  /** Queues one dead letter, or all of a webhook, for one more attempt; answers how many. */
  queueLetters(webhook: string, entryId: string | null): Promise<number>;
}
