import type { Place } from '@countersign/kernel';

/** Days of the week as configurations spell them, Monday first. */
export const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
export type Weekday = (typeof weekdays)[number];
const dayNames: readonly string[] = weekdays;

/** When changes are allowed at a place. */
export interface ChangeWindow {
  /** Names, or `*` for all. */
  readonly project: string;
  readonly environment: string;
  readonly days: readonly Weekday[];
  /** Minutes from midnight, by the clocks of the zone; a window whose end is not after its begin ends on the next day. */
  readonly fromMinute: number;
  readonly toMinute: number;
  /** IANA name, such as `Europe/Berlin`. */
  readonly timeZone: string;
}

interface LocalTime {
  readonly day: number;
  readonly minute: number;
}

/** Reads a zone's clock: weekday from 0 for Monday, and minutes from midnight. Making a formatter costs a hundred times its use. */
class ZoneClock {
  readonly #format: Intl.DateTimeFormat;
  constructor(timeZone: string) {
    const fields = { weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone, ...fields });
  }
  read(at: number): LocalTime {
    const parts = new Map(this.#format.formatToParts(at).map(({ type, value }) => [type, value]));
    const day = dayNames.indexOf(parts.get('weekday')?.toLowerCase() ?? '');
    return { day, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')) };
  }
}

function isIn({ days, fromMinute, toMinute }: ChangeWindow, { day, minute }: LocalTime): boolean {
  const has = (index: number): boolean => {
    const name = weekdays[index];
    return name !== undefined && days.includes(name);
  };
  if (fromMinute < toMinute) return has(day) && minute >= fromMinute && minute < toMinute;
  return (has(day) && minute >= fromMinute) || (has((day + 6) % 7) && minute < toMinute);
}

/** Whether a text names a time zone that this machine knows. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}

/** The configured change windows. A place for which none is configured is always open; one with several is open in each. */
export class ChangeWindows {
  readonly #windows: readonly ChangeWindow[];
  readonly #clocks: ReadonlyMap<string, ZoneClock>;
  constructor(windows: readonly ChangeWindow[]) {
    this.#windows = windows;
    this.#clocks = new Map(windows.map(({ timeZone }) => [timeZone, new ZoneClock(timeZone)]));
  }

  /** Those that are for a place. */
  of({ project, environment }: Place): ChangeWindow[] {
    return this.#windows.filter(
      (window) =>
        (window.project === '*' || window.project === project) &&
        (window.environment === '*' || window.environment === environment),
    );
  }

  isOpen(place: Place, at: number): boolean {
    const windows = this.of(place);
    if (windows.length === 0) return true;
    return windows.some((window) => {
      const clock = this.#clocks.get(window.timeZone);
      return clock !== undefined && isIn(window, clock.read(at));
    });
  }
}
