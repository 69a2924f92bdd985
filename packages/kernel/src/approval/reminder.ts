/** That people were reminded of a waiting operation: once for each plan and reason. */
export interface Reminder {
  readonly operationId: string;
  readonly revision: number;
  /** `waiting`: nobody has decided; `expiring`: decisions that were given will lapse before anything ran. */
  readonly reason: 'waiting' | 'expiring';
  readonly at: number;
}

export interface ReminderReads {
  stands(reminder: Omit<Reminder, 'at'>): Promise<boolean>;
}
export interface ReminderWrites extends ReminderReads {
  /** Inserts unless it stands; false when it does. */
  claim(reminder: Reminder): Promise<boolean>;
}
