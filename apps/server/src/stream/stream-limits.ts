/** What one server gives to readers of streams. */
export interface StreamLimits {
  /** Streams that one principal may have open. */
  readonly perPrincipal: number;
  /** Streams that may be open in all. */
  readonly total: number;
  /** How long one connection may be open, in milliseconds. */
  readonly maxMs: number;
  /** Events that one connection may carry. */
  readonly maxEvents: number;
  /** Bytes that one connection may carry. */
  readonly maxBytes: number;
}

/** Plenty for people and their tools, little enough that none of them can take the server from the others. */
export const defaultStreamLimits: StreamLimits = {
  perPrincipal: 100,
  total: 10_000,
  maxMs: 3_600_000,
  maxEvents: 1_000_000,
  maxBytes: 256 * 1024 * 1024,
};
