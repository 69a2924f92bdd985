/** One row of the fault table: what is done to the product, and what must hold. */
export interface FaultKind {
  /** As fault tests name it in `reportFault`. */
  readonly id: string;
  readonly fault: string;
  readonly aim: string;
  /** `npm test`, the live tests (root on Debian), or not before the part that it strikes exists. */
  readonly where: 'test' | 'live' | 'later';
  /** What of the fault or the aim no test of every run shows yet; said beside `held`. */
  readonly notShown?: string;
}

/** The faults that the product must bear; `docs/reliability.md` is rendered from it and from what the tests saw. */
export const faultTable: readonly FaultKind[] = [
  {
    id: 'kill',
    fault:
      'kill -9 of the whole product, of a server whose workers are elsewhere, and of a worker process, before and after each commit, file and effect',
    aim: '0 lost, 0 twice; at least 5 kills at each point',
    where: 'test',
  },
  {
    id: 'kill-of-one-server',
    fault: 'several servers on one Postgres, killed and started again at random under load',
    aim: '0 lost, 0 twice; the others work on',
    where: 'test',
  },
  {
    id: 'nth-store-call',
    fault: 'the Nth call of the store fails, hangs, or does its work and then fails',
    aim: 'every N',
    where: 'test',
    notShown: 'every N, which only the full depth has',
  },
  {
    id: 'nth-connector-call',
    fault: 'the Nth call of a connector fails, hangs, or does its work and then fails',
    aim: "every N; a hang is bounded by the action's timeout; an effect in doubt is read back, never blindly retried",
    where: 'test',
  },
  {
    id: 'nth-file-call',
    fault:
      'the Nth operation on a file (artifact, export, key, token, local audit) fails, hangs, or does its work and then fails',
    aim: 'every N; what was answered stands, the next start is whole',
    where: 'test',
    notShown: 'the first token, the local audit and the configuration',
  },
  {
    id: 'wal-cut',
    fault: 'database and WAL cut at every frame and mid-frame, on copies',
    aim: 'opens clean, nothing before the last whole commit is lost',
    where: 'test',
    notShown: 'every frame, which only the full depth has',
  },
  {
    id: 'disk-full',
    fault: 'disk full for database, audit, artifacts or temporary files',
    aim: 'refused, readyz 503, recovers',
    where: 'live',
    notShown: 'a volume of Postgres',
  },
  {
    id: 'postgres-stopped',
    fault: 'Postgres stopped at once',
    aim: 'a commit of unknown outcome is resolved by its key',
    where: 'test',
  },
  {
    id: 'postgres-backend-killed',
    fault: 'a Postgres backend killed',
    aim: 'the unit is tried again or refused',
    where: 'test',
  },
  { id: 'serialization-failure', fault: 'serialization failures', aim: 'tried again', where: 'test' },
  { id: 'pool-empty', fault: 'no connection free', aim: 'refused in time, recovers', where: 'test' },
  {
    id: 'commit-unknown',
    fault: 'the connection ends while a commit is under way',
    aim: 'resolved by its key',
    where: 'test',
  },
  {
    id: 'migration-killed',
    fault: 'kill during a migration, at every statement',
    aim: 'the next start repairs or refuses clearly',
    where: 'test',
    notShown: 'every statement, which only the full depth has',
  },
  {
    id: 'sequencer-writers',
    fault: '32 concurrent writers on Postgres',
    aim: 'a dense audit log that verifies',
    where: 'test',
  },
  { id: 'parity', fault: 'random command sequences on both databases', aim: 'the same state', where: 'test' },
  {
    id: 'clock-jump',
    fault: 'the clock jumps by hours, forward and back, during a run',
    aim: 'the jump is seen; no early expiry, no double lease, audit times rise',
    where: 'live',
  },
  { id: 'wake-ups', fault: 'wake-ups lost, repeated and reordered', aim: 'one execution of each', where: 'test' },
  {
    id: 'frozen',
    fault: 'a worker or a server frozen past its lease, then woken',
    aim: 'its writes are fenced off',
    where: 'test',
  },
  { id: 'sigterm', fault: 'SIGTERM under load', aim: 'no 2xx dropped, exit within 30 s', where: 'test' },
  {
    id: 'slow-reader',
    fault: 'slow stream readers',
    aim: 'memory and descriptors flat, others unharmed',
    where: 'test',
  },
  {
    id: 'half-closed-reader',
    fault: 'half-closed stream readers',
    aim: 'memory and descriptors flat, others unharmed',
    where: 'test',
  },
  {
    id: 'never-reading',
    fault: 'stream readers that never read',
    aim: 'memory and descriptors flat, others unharmed',
    where: 'test',
  },
  {
    id: 'redis',
    fault: 'Redis restarted, flushed, out of memory, cut off for 60 s',
    aim: '0 lost, recovers by itself within 30 s',
    where: 'later',
  },
  {
    id: 'provider',
    fault: 'a model provider hangs, trickles, resets, answers garbage or 429',
    aim: 'bounded by its deadline, aborted through',
    where: 'later',
  },
];
