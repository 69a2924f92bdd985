/** A text stream to a person or a pipe. */
export interface Output {
  write(text: string): void;
  readonly isTty: boolean;
  /** Width in columns; 80 where nobody knows. */
  readonly columns: number;
}

/** The process's standard streams and signals, so that tests can stand in for them. */
export interface Terminal {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: {
    readonly isTty: boolean;
    /** Everything until end of file. */
    readAll(): Promise<string>;
  };
  /** Asks on stderr for one line; null when the person gives none (end of file, Ctrl-C, `signal`). */
  ask(question: string, signal?: AbortSignal): Promise<string | null>;
  /** Calls `handler` on every Ctrl-C until the answered function is called. */
  onInterrupt(handler: () => void): () => void;
}
