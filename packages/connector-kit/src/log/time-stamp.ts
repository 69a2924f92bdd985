/** Longest time stamp with its space: nine digits of a second and an offset. */
export const timeStampBytes = 36;

const timeStamp = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}(?:Z|[+-]\d\d:\d\d)) /;

/** Splits the daemon's time stamp off the beginning of a message; `time` is undefined if there is none. */
export function splitTimeStamp(message: Buffer): { time: string | undefined; content: Buffer } {
  const [stamp, time] = timeStamp.exec(message.toString('latin1', 0, timeStampBytes)) ?? [];
  return stamp === undefined
    ? { time: undefined, content: message }
    : { time, content: message.subarray(stamp.length) };
}
