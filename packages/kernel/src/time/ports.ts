/** Time, ids and randomness come in from outside: the kernel is deterministic. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
}
export interface Ids {
  /** A fresh UUIDv7. */
  next(): string;
}
