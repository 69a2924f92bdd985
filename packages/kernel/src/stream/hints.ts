/** Tells other servers on the same database that a topic has news. A hint may be lost or come twice: it saves waiting, never looking. */
export interface Hints {
  /** Says so soon after the call; never throws. */
  publish(topic: string): void;
  /** Calls back for what other servers published. */
  listen(heard: (topic: string) => void): void;
}
