import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestDatabase, reportFault, waitUntil } from '@countersign/testing';
import { describe, expect, it } from 'vitest';
import { makeInstallation } from '../crash/installation.ts';
import { startLoad } from '../crash/load.ts';
import { judge } from '../crash/oracle.ts';
import { verifiedAudit } from '../crash/proof.ts';

const library = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu']
  .map((folder) => join(folder, 'faketime/libfaketimeMT.so.1'))
  .find((file) => existsSync(file));
const hourMs = 3_600_000;
const leaseMs = 6000;

/** A clock that the test sets while processes run by it: hours from the real time. Elapsed time goes on as it does. */
class Clock {
  readonly #file: string;
  readonly env: Readonly<Record<string, string>>;
  constructor(file: string) {
    if (library === undefined)
      throw new Error('libfaketime is missing; scripts/test-live.sh installs it: apt-get install faketime');
    this.#file = file;
    this.env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: '1',
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
      NODE_OPTIONS: `--import=${join(import.meta.dirname, 'report-clock.ts')}`,
      CLOCK_REPORT: `${file}.seen`,
    };
    this.jump(0);
  }
  jump(hours: number): void {
    writeFileSync(this.#file, `${hours < 0 ? '-' : '+'}${Math.abs(hours)}h\n`);
  }
  /** Waits until the process itself says that its clock is that many hours from ours. */
  async seen(hours: number): Promise<void> {
    await waitUntil(`the process says that its clock is ${hours} hours off`, () => {
      const report = Number(readFileSync(`${this.#file}.seen`, 'utf8'));
      return Math.round((report - Date.now()) / hourMs) === hours;
    });
  }
}

describe.each(['sqlite', 'postgres'] as const)('[%s]', (database) => {
  it.each([
    ['server', 5],
    ['server', -5],
    ['worker', 5],
    ['worker', -5],
  ] as const)(
    'the clock of a %s jumps by %i hours during runs: no lease ends early, none is held twice, audit times rise',
    async (who, hours) => {
      await using postgres = database === 'postgres' ? await createTestDatabase() : null;
      await using installation = await makeInstallation({ leaseMs, databaseUrl: postgres?.connectionString });
      const clock = new Clock(join(installation.folder, 'clock'));
      const none = {};
      await installation.serve({ worker: false, env: who === 'server' ? clock.env : none });
      const people = await installation.enrol();
      const worker = await installation.work(people.workerToken, { env: who === 'worker' ? clock.env : none });
      const load = startLoad(people, installation.targets);
      await waitUntil('runs are under way', () => load.acknowledged.starts.length > 0, { timeoutMs: 60_000 });
      const began = performance.now();
      clock.jump(hours);
      await clock.seen(hours);
      const atJump = load.acknowledged.proposals.length;
      await waitUntil('work goes on', () => load.acknowledged.proposals.length > atJump + 3, { timeoutMs: 90_000 });
      clock.jump(0);
      await clock.seen(0);
      await load.finish();
      const judgement = await judge(people, installation.targets, load.acknowledged);
      expect(judgement.succeeded).toBeGreaterThan(0);

      const audit = await verifiedAudit(people.requester, await people.requester.call('trust'));
      expect(
        audit.filter(({ event }) => event === 'lease.expired'),
        'no early expiry',
      ).toEqual([]);
      const times = audit.map(({ at }) => at);
      // Units that commit side by side on Postgres may be placed in another order than they were dated in, by less than a unit may take.
      const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
      expect(Math.min(...steps)).toBeGreaterThan(-10_000);
      // Entries are dated by elapsed time since the start: a jump of the wall clock moves none of them by hours.
      expect((times.at(-1) ?? 0) - (times[0] ?? 0)).toBeLessThan(performance.now() - began + 120_000);
      for (const { opId } of load.acknowledged.decisions) {
        const { approvals } = await people.requester.call('opsGet', { params: { op_id: opId } });
        for (const { issued_at: from, expires_at: until } of approvals) expect(until - from).toBe(24 * hourMs);
      }
      expect(await worker.kill('SIGTERM')).toEqual({ code: 0, signal: null });
      const point = `${who} by ${hours} hours and back`;
      const held = 'no lease expired, no run was claimed twice, audit times rise, approvals hold 24 hours';
      await reportFault({ fault: 'clock-jump', point, database, fired: 2, lost: 0, twice: 0, held });
    },
    240_000,
  );
});
