import { setTimeout as sleep } from 'node:timers/promises';
import { liftPanic } from '../e2e/harness/lift-panic.ts';
import { driveTarget } from './drive-target.ts';
import { keepHouse } from './housekeeping.ts';
import type { CrashTarget, People } from './installation.ts';
import { untilAnswered } from './until-answered.ts';

/** What the server answered 2xx to. All of it must stand afterwards. */
export interface Acknowledged {
  readonly proposals: { requestId: string; opId: string }[];
  readonly decisions: { opId: string; kind: 'confirm' | 'approve'; digest: string }[];
  readonly starts: { opId: string; runId: string }[];
  /** Withdrawn before they ran. */
  readonly cancels: string[];
  /** Tokens by their id; each was revoked where that was acknowledged too. */
  readonly tokens: Map<string, 'made' | 'revoked'>;
}

/** Operations that go on and on, one at a time per target, through every kill. */
export interface Load {
  readonly acknowledged: Acknowledged;
  /** Rejects when an operation is answered as none should be, or does not end. */
  readonly failed: Promise<never>;
  /** Says which crash point is waited for next: housekeeping turns to what comes by it. */
  await(point: string): void;
  /** Lets each target's operation come to its end, then stops. */
  finish(): Promise<void>;
}

/** What a load does beside the targets' operations: reads, edits, tokens, panic. */
export interface LoadOptions {
  readonly housekeeping?: boolean;
}

const restMs = 100;

/** Puts an installation under load: every target has an operation under way until `finish`. `people` answers whom to ask next, as at another server. */
export function startLoad(
  people: People | (() => People),
  targets: readonly CrashTarget[],
  { housekeeping = false }: LoadOptions = {},
): Load {
  const acknowledged: Acknowledged = { proposals: [], decisions: [], starts: [], cancels: [], tokens: new Map() };
  const anyone = typeof people === 'function' ? people : () => people;
  let finishing = false;
  let awaited: string | null = null;
  const works = targets.map(async (target) => {
    for (let number = 1; !finishing; number += 1) await driveTarget(anyone, target, acknowledged, number);
  });
  const [first] = targets;
  if (housekeeping && first !== undefined)
    works.push(
      (async () => {
        for (let number = 1; !finishing; number += 1) {
          await keepHouse({ people: anyone, target: first, acknowledged }, number, awaited);
          await sleep(restMs);
        }
        // A panic of which only the answer was lost would hold up what is to come to its end.
        await untilAnswered(() => liftPanic(anyone().admin, 'the load ends'));
      })(),
    );
  const work = Promise.all(works);
  const failed = work.then(() => new Promise<never>(() => undefined));
  // Whoever waits for it, or for `finish`, is told.
  failed.catch(() => undefined);
  return {
    acknowledged,
    failed,
    await(point) {
      awaited = point;
    },
    async finish() {
      finishing = true;
      await work;
    },
  };
}
