import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { localExec } from '@countersign/connector-kit';
import {
  Catalogue,
  type EngineContext,
  proposeOperation,
  readOperation,
  startRun,
  startSweeper,
  workerPort,
} from '@countersign/engine';
import { generateSigningKey } from '@countersign/evidence/node';
import { CodedError, type OperationView, type Outcome, runIdOf, type TargetRef } from '@countersign/protocol';
import { Worker } from '@countersign/runner';
import { type OpenedStore, openArtifacts, openPostgres, openSqlite } from '@countersign/store';
import { createTestDatabase, makeManualClock, makeTempFolder } from '@countersign/testing';
import { v7 as uuidV7 } from 'uuid';
import { defaultDecider } from '../../../packages/engine/src/fixture/default-decider.ts';
import { benchHashChildren, benchOver } from '../../../packages/engine/src/fixture/engine-bench.ts';
import { giveDecision } from '../../../packages/engine/src/fixture/give-decision.ts';
import { callerOf } from '../../../packages/engine/src/fixture/people.ts';
import { type Ledger, makeLedger } from './ledger-connector.ts';

export type Dialect = 'sqlite' | 'postgres';

/** Where a world's data lies; it outlives stores that are opened on it. */
export interface Place {
  readonly dialect: Dialect;
  readonly ledger: Ledger;
  /** Warnings of every store that was opened here. */
  readonly warnings: { readonly kind: string }[];
  open(): Promise<OpenedStore>;
  context(store: OpenedStore): Promise<EngineContext>;
  remove(): Promise<void>;
}

export const unitLimitMs = 400;
const leaseMs = 700;
const clock = { now: () => Math.floor(performance.timeOrigin + performance.now()) };
const decider = defaultDecider('standard');
const target: TargetRef = { name: 'book', project: 'p', environment: 'stage', tier: 'stage', connector: 'ledger' };

interface Database {
  readonly connectionString: string;
  drop(): Promise<void>;
}

/** Makes an empty place; a Postgres one in a database of its own, or in the one that is given. */
export async function makePlace(dialect: Dialect, given?: Database): Promise<Place> {
  const folder = makeTempFolder();
  const database = dialect === 'postgres' ? (given ?? (await createTestDatabase())) : null;
  const ledger = makeLedger();
  const warnings: { kind: string }[] = [];
  const signingKey = generateSigningKey();
  const shared = {
    clock,
    hashChildren: benchHashChildren,
    report: (warning: { kind: string }) => void warnings.push(warning),
    unitLimitMs,
  };
  return {
    dialect,
    ledger,
    warnings,
    open: () =>
      database === null
        ? openSqlite({ path: join(folder.path, 'world.db'), ...shared })
        : openPostgres({ url: database.connectionString, sequenceEveryMs: 50, ...shared }),
    async context(store) {
      const bench = await benchOver({ store, clock: makeManualClock(), signingKey, dispose: async () => undefined });
      const base = bench.context(decider, [target], store, 10);
      return {
        ...base,
        clock,
        ids: { next: () => uuidV7() },
        catalogue: new Catalogue(clock, 10_000),
        artifacts: await openArtifacts(join(folder.path, 'artifacts')),
        settings: {
          ...base.settings,
          leaseMs,
          heartbeatMs: leaseMs / 3,
          workerSilenceMs: 10_000,
          checkpointEveryMs: 40,
        },
      };
    },
    async remove() {
      await database?.drop();
      folder.remove();
    },
  };
}

/** One life of server and worker on a place. */
export interface Life {
  readonly context: EngineContext;
  readonly errors: string[];
  end(): Promise<void>;
}

/** Starts server loops and a worker. */
export async function live(place: Place): Promise<Life> {
  const store = await place.open();
  const context = await place.context(store);
  const errors: string[] = [];
  const sweeper = startSweeper(context, uuidV7(), (loop, error) => errors.push(`${loop}: ${String(error)}`));
  const worker = new Worker({
    name: 'worker',
    instance: uuidV7(),
    version: '1',
    port: workerPort(context),
    connectors: [place.ledger.connector],
    targets: [{ name: target.name, connector: 'ledger', config: {} }],
    ports: { exec: localExec, now: () => clock.now() },
    faults: { hit: () => undefined },
    slots: { run: 2, look: 2 },
    onError: (what, error) => errors.push(`${what}: ${String(error)}`),
  });
  const end = async (): Promise<void> => {
    await worker.stop();
    await sweeper.stop().catch((error: unknown) => errors.push(String(error)));
    await store.close();
  };
  try {
    await worker.start();
  } catch (error) {
    await end();
    throw error;
  }
  return { context, errors, end };
}

/** What the one who asked was answered. */
export interface Acknowledged {
  opId: string | null;
  digest: string | null;
  confirmed: boolean;
  runId: string | null;
  /** Answers that said that something may or may not have happened, or could not. */
  refusals: string[];
}

const waitMs = 15;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function insist<T>(told: Acknowledged, ask: () => Promise<Outcome<T>>): Promise<Outcome<T>> {
  for (const until = performance.now() + 20_000; ; ) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof CodedError) || error.code !== 'E_STORE') throw error;
      told.refusals.push(error.message);
      if (performance.now() > until) throw error;
      await pause(waitMs);
    }
  }
}

/** Waits until the operation looks as wished. */
export async function until(
  life: Life,
  opId: string,
  told: Acknowledged,
  done: (view: OperationView) => boolean,
  limitMs = 20_000,
): Promise<OperationView> {
  for (const limit = performance.now() + limitMs; ; ) {
    const answer = await insist(told, () => readOperation(life.context, callerOf('ada'), opId));
    if (!answer.ok) throw new Error(answer.message);
    if (done(answer.value)) return answer.value;
    if (performance.now() > limit)
      throw new Error(
        `${opId} stays ${answer.value.display}: ${JSON.stringify(answer.value)}\n${life.errors.join('\n')}`,
      );
    await pause(waitMs);
  }
}

/** Takes one operation of two steps from proposal to end as its requester; every question that is not answered is asked again. */
export async function carryOut(life: Life, told: Acknowledged): Promise<void> {
  const { context } = life;
  const ada = callerOf('ada');
  const key = randomUUID();
  const proposal = {
    selector: { target: target.name },
    steps: ['one', 'two'].map((line) => ({ action: 'ledger.add', inputs: { line } })),
    start: 'manual',
    note: '',
    plannedBy: null,
    origin: 'api',
    rollbackOf: null,
    idempotency: { route: 'ops.plan', key, body: { key } },
  } as const;
  const proposed = await insist(told, () => proposeOperation(context, ada, proposal));
  if (!proposed.ok) throw new Error(proposed.message);
  const opId = proposed.value;
  told.opId = opId;
  const planned = await until(life, opId, told, ({ state }) => state !== 'planning');
  const digest = planned.plan?.digest ?? undefined;
  if (planned.state !== 'planned' || digest === undefined) return;
  told.digest = digest;
  const decided = await insist(told, () => giveDecision(context, ada, { opId, kind: 'confirm', digest, comment: '' }));
  if (!decided.ok && decided.code !== 'E_ALREADY_DECIDED') throw new Error(decided.message);
  told.confirmed = true;
  const started = await insist(told, () =>
    startRun(context, ada, { opId, digest, requestId: `start-${key}`, busy: 'queue' }),
  );
  if (!started.ok) throw new Error(started.message);
  told.runId = runIdOf(started.value.id);
  await until(life, opId, told, ({ state }) => state === 'closed');
}
