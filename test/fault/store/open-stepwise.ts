import { DatabaseSync, StatementSync } from 'node:sqlite';
import { openPostgres, openSqlite } from '@countersign/store';
import { Client } from 'pg';
import { hashChildren } from '../../../packages/store/src/fixture/hashing.ts';

/**
 * Run as a program: opens the database of its first argument and kills itself with SIGKILL before the statement whose
 * number is its second argument, or after it where that is negative. Tells how many statements there were where none was hit.
 */
const [place = '', number = '0'] = process.argv.slice(2);
const strikeAt = Number(number);
let count = 0;

const step = <T>(work: () => T): T => {
  count += 1;
  if (count === strikeAt) process.kill(process.pid, 'SIGKILL');
  const answer = work();
  if (count === -strikeAt && !(answer instanceof Promise)) process.kill(process.pid, 'SIGKILL');
  return answer;
};

const { exec } = DatabaseSync.prototype;
const { all, run } = StatementSync.prototype;
Object.assign(DatabaseSync.prototype, {
  exec(this: DatabaseSync, sql: string) {
    return step(() => exec.call(this, sql));
  },
});
Object.assign(StatementSync.prototype, {
  all(this: StatementSync, ...values: unknown[]) {
    return step(() => Reflect.apply(all, this, values));
  },
  run(this: StatementSync, ...values: unknown[]) {
    return step(() => Reflect.apply(run, this, values));
  },
});
const query: (this: Client, ...values: unknown[]) => unknown = Reflect.get(Client.prototype, 'query');
Object.assign(Client.prototype, {
  query(this: Client, ...values: unknown[]) {
    const answer = step(() => Reflect.apply(query, this, values));
    const mine = count;
    if (!(answer instanceof Promise) || mine !== -strikeAt) return answer;
    return answer.finally(() => process.kill(process.pid, 'SIGKILL'));
  },
});

const shared = { clock: { now: () => 1 }, hashChildren, report: () => {} };
const store = place.startsWith('postgresql:')
  ? await openPostgres({ url: place, ...shared })
  : await openSqlite({ path: place, ...shared });
process.stdout.write(`opened after ${count} statements\n`);
await store.close();
