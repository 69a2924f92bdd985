/** Why a stream ended, as the metrics tell it. */
export type StreamEnd =
  | 'end'
  | 'stored'
  | 'client'
  | 'ended'
  | 'duration'
  | 'quota'
  | 'shutdown'
  | 'revoked'
  | 'unavailable'
  | 'slow'
  | 'stalled';

/** Counts of everything about streams since the start. Plain numbers: they change with each write to each reader. */
export class StreamStats {
  events = 0;
  bytes = 0;
  refused = 0;
  readonly ends = new Map<StreamEnd, number>();

  /** One more stream ended. */
  end(why: StreamEnd): void {
    this.ends.set(why, (this.ends.get(why) ?? 0) + 1);
  }
}
