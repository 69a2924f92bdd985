import { join } from 'node:path';
import { registerWorker, setPanic } from '@countersign/engine';
import type { Store } from '@countersign/kernel';
import { openPostgres, openSqlite } from '@countersign/store';
import { makeManualClock, makeTempFolder } from '@countersign/testing';
import { defaultDecider } from '../../packages/engine/src/fixture/default-decider.ts';
import {
  benchHashChildren,
  benchOver,
  type EngineBench,
  registration,
} from '../../packages/engine/src/fixture/engine-bench.ts';
import { steppedUp } from '../../packages/engine/src/fixture/people.ts';
import { targetsOf } from '../../packages/engine/src/fixture/session.ts';
import { doParityCommand, ParitySession } from './do-parity-command.ts';
import { type Dump, dumpPostgres, dumpSqlite } from './dump.ts';
import { makeManualPostgres } from './manual-postgres.ts';
import type { ParitySequence } from './parity-command.ts';
import { serialStore } from './serial-store.ts';

/** One of the two databases with an engine on it. */
export interface Side extends AsyncDisposable {
  readonly bench: EngineBench;
  /** Gives every audit entry its leaf index. */
  sequence(): Promise<void>;
  tick(): Promise<void>;
  dump(): Promise<Dump>;
}

const deciders = { standard: defaultDecider('standard'), solo: defaultDecider('solo') };
const report = (warning: object): void => {
  if ('error' in warning) throw new Error('the store warned', { cause: warning.error });
};

/** An empty SQLite file. */
export async function sqliteSide(signingKey: string): Promise<Side> {
  const folder = makeTempFolder();
  const path = join(folder.path, 'parity.db');
  const clock = makeManualClock();
  const store = await openSqlite({ path, clock, hashChildren: benchHashChildren, report, slowUnitMs: 5000 });
  const bench = await benchOver({ store, clock, signingKey, dispose: async () => folder.remove() });
  return {
    bench,
    sequence: async () => undefined,
    tick: async () => undefined,
    dump: async () => dumpSqlite(path),
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

/** An empty Postgres database whose clock is the bench's. */
export async function postgresSide(signingKey: string): Promise<Side> {
  const clock = makeManualClock();
  const database = await makeManualPostgres(clock);
  const options = { url: database.url, clock, hashChildren: benchHashChildren, report };
  const store = await openPostgres({ ...options, connections: 4, slowUnitMs: 5000, sequenceEveryMs: 60_000 });
  const bench = await benchOver({ store, clock, signingKey, dispose: () => database.drop() });
  return {
    bench,
    tick: () => database.tick(),
    async sequence() {
      await store.sequence();
    },
    async dump() {
      await store.sequence();
      return await dumpPostgres(database.client);
    },
    [Symbol.asyncDispose]: () => bench[Symbol.asyncDispose](),
  };
}

/** Sequences that share one registration of a worker; each has targets of its own. */
const perWorker = 10;

/** Plays sequences on one side. */
export class Player {
  readonly #side: Side;
  readonly #store: Store;
  /** Group and instance of the worker that is registered now. */
  #registered = { group: -1, instance: '' };
  #panic = false;

  constructor(side: Side) {
    this.#side = side;
    this.#store = serialStore(side.bench.store, () => side.tick());
  }

  /** Plays one; answers every answer of every command. */
  async play(number: number, { solo, commands }: ParitySequence): Promise<string[]> {
    const { bench } = this.#side;
    const group = Math.floor(number / perWorker);
    const offered = Array.from({ length: perWorker }, (_, index) => targetsOf(group * perWorker + index)).flat();
    const decider = deciders[solo ? 'solo' : 'standard'];
    const session = new ParitySession(bench, bench.context(decider, offered, this.#store), targetsOf(number));
    session.instance = this.#registered.instance;
    if (this.#panic) await setPanic(session.context, steppedUp(session.context, 'carol'), false, 'begin');
    if (this.#registered.group !== group) {
      session.instance = session.context.ids.next();
      await registerWorker(session.context, registration('worker', session.instance, offered));
    }
    for (const [index, command] of commands.entries()) {
      session.tell(index);
      await doParityCommand(this.#side, session, command).catch((cause: unknown) => {
        throw new Error(`command ${index}, ${JSON.stringify(command)}: ${String(cause)}`, { cause });
      });
    }
    const has = (kind: string): boolean =>
      commands.some((command) => command.kind === 'engine' && command.command.kind === kind);
    this.#panic = has('panic');
    // It registered for its own targets alone.
    this.#registered = { group: has('restart') ? -1 : group, instance: session.instance };
    session.tell(session.jobs);
    return session.answers;
  }
}
