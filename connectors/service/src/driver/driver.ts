import type { LogLine, ProgramCall } from '@countersign/connector-kit';
import type { DriverName } from '../config.ts';
import type { ListedService, Service } from '../service.ts';

/** What is done to a service. */
export type Verb = 'start' | 'stop' | 'restart';

/** How an attempt went, by the manager's word. What became of the service is read afterwards, whatever it says. */
export type Attempted = { readonly said: 'done' } | { readonly said: 'failed'; readonly why: string };

/** Which lines of a log are wanted. `tail` counts the last lines; `sinceSeconds` is seconds since the epoch. */
export interface LogQuery {
  readonly tail: number | 'all';
  readonly sinceSeconds: number | undefined;
  readonly follow: boolean;
}

/** A program that prints a log, and how its lines are read. */
export interface LogProgram {
  readonly call: Pick<ProgramCall, 'file' | 'args'>;
  /** Reads one printed line; undefined for one that is no line of the log. */
  readonly parse: (line: string) => LogLine | undefined;
  /** Whether the program prints more lines than are wanted, so that the last are to be kept. */
  readonly lastOnly: boolean;
  /** Says what went wrong, if its exit says so. */
  readonly problem: (code: number | null, stdout: string, stderr: string) => string | undefined;
}

/** One service manager. Every call throws ConnectorError; a name that is not there is `undefined`. */
export interface Driver {
  readonly name: DriverName;
  /** Version, for people. */
  version(signal: AbortSignal): Promise<string>;
  /** All services, by name; those that are stopped too. */
  list(signal: AbortSignal): Promise<ListedService[]>;
  inspect(name: string, signal: AbortSignal): Promise<Service | undefined>;
  /** Has the effect. Throws with effect none where the manager refused before it did anything. */
  act(verb: Verb, name: string, timeoutMs: number, signal: AbortSignal): Promise<Attempted>;
  /** How the log of a service is printed; throws E_TARGET_REFUSED or E_VALIDATION, with what to do, where it cannot be. */
  log(service: Service, query: LogQuery): LogProgram;
  /**
   * Whether the process that ran before was ended because somebody asked for that, by the manager's own record; undefined
   * where it keeps none.
   */
  wasAsked(name: string, before: { pid: number }, signal: AbortSignal): Promise<boolean | undefined>;
}
