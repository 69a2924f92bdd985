/** What a service is doing, in the words of no particular manager. */
export type Phase = 'running' | 'stopped' | 'failed' | 'starting' | 'stopping' | 'restarting' | 'unknown';

/** One line of a list of services. */
export interface ListedService {
  readonly name: string;
  readonly phase: Phase;
  /** The manager's own words: `active (running)`. */
  readonly native: string;
  readonly description: string;
}

/** One service as its manager and the kernel show it at one moment. */
export interface Service extends ListedService {
  /** Main process; 0 if there is none or it is not known. */
  readonly pid: number;
  /** Tells the present start from every other; empty while nothing runs or nothing tells starts apart. */
  readonly start: string;
  /** Tells one attempt to start from another, where the manager keeps that also of those that failed; else empty. */
  readonly attempt: string;
  /** RFC 3339 time of the present start, where the manager keeps it. */
  readonly startedAt: string | null;
  /** Starts that the manager made by itself since somebody last asked for one. */
  readonly restarts: number;
  /** How the last process ended, for people; null where nothing is known. */
  readonly exit: string | null;
  /** Whether the manager is at work on it at this moment. */
  readonly busy: boolean;
  /** SHA-256 of what it is started by; null where that cannot be read. */
  readonly definition: string | null;
  /** Whether it starts with the machine, in the manager's words. */
  readonly boot: string;
  /** What keeps it from being started or stopped; empty if nothing does. */
  readonly obstacles: { readonly start: readonly string[]; readonly stop: readonly string[] };
  /** What a person should know before it is touched. */
  readonly cautions: readonly string[];
  /** Other running services that stop with it. */
  readonly dependents: readonly string[];
}

/** Whether its manager has it run, or is at that: also between the starts of one that crashes. */
export function isUp({ phase }: Pick<ListedService, 'phase'>): boolean {
  return phase === 'running' || phase === 'starting' || phase === 'restarting';
}
