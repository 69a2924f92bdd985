import { planDigest } from '@countersign/evidence';
import { nodeSha256 } from '@countersign/evidence/node';
import type { Job, PlanBody } from '@countersign/protocol';
import { expect, it } from 'vitest';
import { claim } from '../../packages/engine/src/fixture/do-work.ts';
import { callerOf } from '../../packages/engine/src/fixture/people.ts';
import { Session } from '../../packages/engine/src/fixture/session.ts';
import { withSession } from '../../packages/engine/src/fixture/with-session.ts';
import { startRun } from '../../packages/engine/src/run/start-run.ts';
import { workerPort } from '../../packages/engine/src/worker/in-process-port.ts';
import { approve, plannedForProduction } from './approved-operation.ts';
import { runClaimed } from './ledger-worker.ts';
import { type Swap, SwappingStore } from './swapping-store.ts';

const evil = 'what nobody approved';

function otherBody(body: PlanBody): PlanBody {
  return { ...body, steps: body.steps.map((step) => ({ ...step, inputs: { value: evil } })) };
}

const swapPlan: Swap['plan'] = (row) => (row.body === null ? row : { ...row, body: otherBody(row.body) });
const swapSteps: Swap['operation'] = (row) => ({
  ...row,
  steps: row.steps.map((step) => ({ ...step, inputs: { value: evil } })),
});
const swaps: readonly (readonly [string, Swap])[] = [
  ['the plan', { plan: swapPlan, operation: (row) => row }],
  ["the operation's steps", { plan: (row) => row, operation: swapSteps }],
  ['both', { plan: swapPlan, operation: swapSteps }],
  [
    'both with a digest that fits',
    {
      plan: (row) => {
        const body = row.body === null ? null : otherBody(row.body);
        return { ...row, body, digest: body === null ? null : planDigest(body, nodeSha256) };
      },
      operation: swapSteps,
    },
  ],
];

/** Starts, claims and runs over the swapping store; answers what had an effect and how many calls there were. */
async function executeOver(session: Session, at: number, swap: Swap): Promise<{ effects: string[]; calls: number }> {
  const { opId, digest } = await plannedForProduction(session);
  await approve(session, opId, digest);
  const store = new SwappingStore(session.bench.store, at, swap);
  const over = new Session(session.bench, { ...session.context, store }, session.targets);
  over.instance = session.instance;
  const effects: string[] = [];
  const request = { opId, digest, requestId: undefined, busy: 'queue' } as const;
  const started = await startRun(over.context, callerOf('ada'), request);
  const job: Job | null = started.ok ? await claim(over, 'run') : null;
  if (job !== null) await runClaimed(job, workerPort(over.context), over.instance, effects);
  return { effects, calls: store.calls };
}

it.each(swaps)(
  '%s, swapped at any await between start and end of a run, never has the other effect',
  {
    timeout: 300_000,
  },
  async (_, swap) => {
    await withSession(async (session) => {
      const whole = await executeOver(session, Number.POSITIVE_INFINITY, swap);
      expect(whole.effects).toHaveLength(2);
      let refused = 0;
      for (let at = 1; at <= whole.calls; at += 1) {
        const { effects, calls } = await executeOver(session, at, swap);
        expect(calls, 'the swap was made').toBeGreaterThanOrEqual(at);
        expect(effects.filter((effect) => effect.includes(evil))).toEqual([]);
        // Once the worker holds what was approved it runs that, whatever the rows say by then; until then nothing.
        expect([0, 2]).toContain(effects.length);
        if (effects.length === 0) refused += 1;
        await session.bench.clock.advance(60_000);
      }
      console.log(`${whole.calls} awaits, ${refused} refused, ${whole.calls - refused} ran what was approved`);
      expect(refused).toBeGreaterThan(10);
    });
  },
);
