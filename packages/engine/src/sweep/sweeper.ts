import type { Job, Unit } from '@countersign/kernel';
import { remindPeople } from '../approval/remind-people.ts';
import { advanceCheckpoint } from '../audit/sign-checkpoint.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { sealTopic, wavesTopic } from '../context/wake-ups.ts';
import { anchorBundles } from '../evidence/anchor-bundle.ts';
import { renewProofs } from '../evidence/renew-proofs.ts';
import { sealOperation } from '../evidence/seal-bundle.ts';
import { advanceGroups } from '../group/advance-group.ts';
import { pendingRotation } from '../key/hand-over.ts';
import { tidySignIns } from '../sign-in/tidy-sign-ins.ts';
import { takeBack } from '../worker/take-back.ts';

/** Takes back jobs whose lease ran out. */
export async function sweepLeases(context: EngineContext): Promise<void> {
  const unit = async (unit: Unit): Promise<number> => {
    const jobs = await unit.jobs.expired(100);
    for (const job of jobs) await takeBack(context, unit, job, 'expired');
    return jobs.length;
  };
  await commit(context, 'take-back', unit, (count) => count > 0);
}

const retentionEveryMs = 600_000;
const sealLeaseMs = 30_000;
const sealsAtOnce = 32;

const sealer = 'server';

/**
 * Takes back what servers before this one had begun to seal. One that lives after all loses nothing: sealing twice
 * gives the same bytes, and the second finds the bundle sealed.
 */
async function takeBackSeals(context: EngineContext, instance: string): Promise<void> {
  await commit(context, 'seal-take-back', async (unit) => {
    for (const job of await unit.jobs.ofOlderInstances(sealer, instance))
      await takeBack(context, unit, job, 'restarted');
  });
}

async function claimSeals(context: EngineContext, instance: string): Promise<Job[]> {
  const unit = async (unit: Unit): Promise<Job[]> => {
    const claimed: Job[] = [];
    while (claimed.length < sealsAtOnce) {
      const job = await unit.jobs.claim({
        kinds: ['seal'],
        targets: null,
        worker: sealer,
        instance,
        leaseMs: sealLeaseMs,
      });
      if (job === null) break;
      claimed.push(job);
    }
    return claimed;
  };
  return await commit(context, 'seal-claim', unit, (claimed) => claimed.length > 0);
}

/** Seals what ended until there is nothing left; answers how many. */
export async function sealPending(context: EngineContext, instance: string): Promise<number> {
  let sealed = 0;
  for (;;) {
    // While a key gives way to the next nothing is sealed: what was claimed would have to wait for its lease.
    if ((await context.store.read((reads) => pendingRotation(reads))) !== null) return sealed;
    const jobs = await claimSeals(context, instance);
    if (jobs.length === 0) return sealed;
    await Promise.all(jobs.map((job) => sealOperation(context, job.subjectId, job.id)));
    sealed += jobs.length;
  }
}

/** The server's own loops: leases, sealing, checkpoints and anchoring. `stop` resolves when all have ended. */
export function startSweeper(
  context: EngineContext,
  instance: string,
  onError: (loop: string, error: unknown) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const loop = async (
    name: string,
    everyMs: number,
    topic: string | null,
    work: () => Promise<unknown>,
  ): Promise<void> => {
    while (!stopped.signal.aborted) {
      const listener = context.wake.listen(topic ?? `never:${name}`, everyMs, stopped.signal);
      try {
        await work();
      } catch (error) {
        onError(name, error);
      }
      await listener.done;
    }
  };
  let begun = false;
  const loops = [
    loop('leases', Math.max(100, context.settings.leaseMs / 4), null, () => sweepLeases(context)),
    loop('seal', 500, sealTopic, async () => {
      if (!begun) await takeBackSeals(context, instance);
      begun = true;
      await sealPending(context, instance);
    }),
    loop('waves', 500, wavesTopic, () => advanceGroups(context, (error) => onError('waves', error))),
    loop('reminders', Math.min(30_000, Math.max(500, context.settings.remindMs / 4)), null, () =>
      remindPeople(context, (error) => onError('reminders', error)),
    ),
    loop('retention', retentionEveryMs, null, () => context.retention.apply(context)),
    loop('targets', 1000, null, () => context.registry.refresh(context.store)),
    loop('token days', 600_000, null, () => context.tokenUses.tellDays(context)),
    loop('token uses', 2000, null, () => context.tokenUses.flush(context)),
    loop('session uses', 2000, null, () => context.signIn.uses.flush(context)),
    loop('limited sign-ins', 1000, null, () => context.signIn.limited.flush(context)),
    loop('sign-ins', 60_000, null, () => tidySignIns(context)),
    loop('checkpoint', context.settings.checkpointEveryMs, null, async () => {
      await advanceCheckpoint(context);
      await anchorBundles(context, onError);
      await renewProofs(context);
    }),
  ];
  return {
    async stop() {
      stopped.abort();
      await Promise.all(loops);
      await context.tokenUses.flush(context);
      await context.signIn.uses.flush(context);
      await context.signIn.limited.flush(context);
    },
  };
}
