/** An environment in which nothing is to change. */
export interface Freeze {
  readonly project: string;
  readonly environment: string;
  readonly reason: string;
  /** Who froze it. */
  readonly by: string;
  readonly createdAt: number;
  /** When it ends by itself; null for not before it is lifted. */
  readonly until: number | null;
}
export interface FreezeReads {
  /** The freeze that holds at a place at `now`, or null. */
  at(project: string, environment: string, now: number): Promise<Freeze | null>;
  /** Those that hold at `now`, by project and environment. */
  list(now: number): Promise<Freeze[]>;
}
export interface FreezeWrites extends FreezeReads {
  /** Freezes, or replaces the freeze that is there. */
  put(freeze: Freeze): Promise<void>;
  /** False when there was none. */
  remove(project: string, environment: string): Promise<boolean>;
}
