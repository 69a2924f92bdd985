import { openPostgres } from '@countersign/store';
import { hashChildren } from '../../../packages/store/src/fixture/hashing.ts';

/** Run as a program: one more server on the Postgres of its argument, which gives leaf indexes as fast as it can. */
const [url = ''] = process.argv.slice(2);
const store = await openPostgres({ url, clock: { now: () => 1 }, hashChildren, report: () => {}, sequenceEveryMs: 2 });
process.stdout.write('sequencing\n');
process.on('SIGTERM', () => {
  store.close().then(() => process.exit(0));
});
