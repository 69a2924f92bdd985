/** Where a program wrote a line to. */
export type Channel = 'stdout' | 'stderr';

/** One line of a log, without its line end. */
export interface LogLine {
  readonly channel: Channel;
  /** RFC 3339 time of the line's beginning, as the log's keeper wrote it; undefined where it keeps none. */
  readonly time: string | undefined;
  readonly text: string;
}
