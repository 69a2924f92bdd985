import type { Budget } from '@countersign/kernel';
import type { LimitClass } from '@countersign/protocol';

/** What one principal may ask, of one class of routes in one lane. */
export interface LimitSetting {
  readonly perMinute: number;
  /** Null for no bound on a day. */
  readonly perDay: number | null;
}

/** Every budget of a server. */
export interface LimitSettings {
  /** By class, in every lane that has none of its own; `auth` counts by address. */
  readonly classes: Readonly<Record<Exclude<LimitClass, 'probe'>, LimitSetting>>;
  /** The same for the lane of other programs. */
  readonly public: Readonly<Record<'read' | 'write' | 'stream', LimitSetting>>;
  /** What an address may ask without a credential. */
  readonly anonymous: LimitSetting;
  /** How many credentials an address may show that turn out to be none. */
  readonly refused: LimitSetting;
}

/** Generous: they end what has run wild and bother nobody else. The public lane is tighter, its callers are programs of others. */
export const defaultLimits: LimitSettings = {
  classes: {
    read: { perMinute: 60_000, perDay: null },
    write: { perMinute: 30_000, perDay: null },
    stream: { perMinute: 60_000, perDay: null },
    worker: { perMinute: 1_200_000, perDay: null },
    auth: { perMinute: 300, perDay: null },
  },
  public: {
    read: { perMinute: 1200, perDay: 500_000 },
    write: { perMinute: 300, perDay: 50_000 },
    stream: { perMinute: 60, perDay: 10_000 },
  },
  anonymous: { perMinute: 6000, perDay: null },
  refused: { perMinute: 1200, perDay: null },
};

/** The budgets of a setting, and the text of their `RateLimit-Policy`. */
export interface Budgets {
  readonly all: readonly [Budget, ...Budget[]];
  readonly policy: string;
}

export function budgetsOf({ perMinute, perDay }: LimitSetting): Budgets {
  const minute: Budget = { name: 'minute', quota: perMinute, windowMs: 60_000 };
  const day: Budget[] = perDay === null ? [] : [{ name: 'day', quota: perDay, windowMs: 86_400_000 }];
  const all: [Budget, ...Budget[]] = [minute, ...day];
  return {
    all,
    policy: all.map(({ name, quota, windowMs }) => `"${name}";q=${quota};w=${windowMs / 1000}`).join(', '),
  };
}
