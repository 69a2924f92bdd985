import type { ChatAnswer, Job, JobHold } from '@countersign/kernel';
import { type Failure, type Outcome, refuse } from '@countersign/protocol';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { generateTopic } from '../context/wake-ups.ts';
import { budgetedProvider } from '../provider/budgeted-provider.ts';
import { takeBack } from '../worker/take-back.ts';
import { endGeneration, failGeneration, stillWriting } from './end-generation.ts';

/** How long a provider may take. */
const generationMs = 30_000;
/** Longer than a provider may take: what is not ended by then was lost with its server. */
const leaseMs = 45_000;
const atOnce = 4;
const holder = 'generator';

/** What a server that stopped before this one had begun is asked anew, up to its third attempt. */
async function takeBackLost(context: EngineContext, instance: string): Promise<void> {
  // Only one process opens the embedded database; elsewhere another server may be at it, and its lease says when it is not.
  if (context.store.dialect !== 'sqlite') return;
  await commit(
    context,
    'generate-claim',
    async (unit) => {
      const jobs = await unit.jobs.ofOlderInstances(holder, instance);
      for (const job of jobs) await takeBack(context, unit, job, 'restarted');
      return jobs.length > 0;
    },
    (some) => some,
  );
}

async function claimOne(context: EngineContext, instance: string): Promise<Job | null> {
  return await commit(
    context,
    'generate-claim',
    (unit) => unit.jobs.claim({ kinds: ['generate'], targets: null, worker: holder, instance, leaseMs }),
    (job) => job !== null,
  );
}

/** Asks the provider that was active when the draft was asked for; it ends in time, whatever it does. */
async function ask(context: EngineContext, operationId: string, stopped: AbortSignal): Promise<Outcome<ChatAnswer>> {
  const { operation, generation } = await context.store.read(async (reads) => ({
    operation: await reads.operations.get(operationId),
    generation: (await reads.drafts.get(operationId))?.generation ?? null,
  }));
  if (operation === null || generation === null) return refuse('E_NOT_FOUND', 'the draft is gone');
  const provider = context.providers.named(generation.provider);
  if (provider === null) {
    return refuse('E_PROVIDER_UNAVAILABLE', `provider "${generation.provider}" is not configured any more`);
  }
  const { system, prompt, schema, maxOutputTokens } = generation.request;
  const late = AbortSignal.timeout(generationMs);
  const signal = AbortSignal.any([late, stopped]);
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: prompt },
  ] as const;
  const timely = new Promise<Outcome<ChatAnswer>>((resolve) => {
    const inTime = (): void =>
      resolve(refuse('E_PROVIDER_TIMEOUT', `the provider did not answer within ${generationMs / 1000} seconds`));
    if (signal.aborted) inTime();
    else signal.addEventListener('abort', inTime, { once: true });
  });
  const budgeted = budgetedProvider(context, provider, [operation.target.project]);
  const asked = budgeted.chatOnce({ messages, schema, maxOutputTokens, timeoutMs: generationMs, signal });
  return await Promise.race([asked, timely]);
}

async function record(context: EngineContext, job: Job, hold: JobHold, outcome: Outcome<ChatAnswer>): Promise<void> {
  await commit(context, 'generate', async (unit) => {
    if ((await unit.jobs.held(hold)) === null) return;
    await unit.jobs.finish(job.id);
    const writing = await stillWriting(unit, job.subjectId);
    if (writing === null) return;
    if (!outcome.ok) {
      const failure: Failure = { code: outcome.code, message: outcome.message };
      await failGeneration(context, unit, writing, failure);
      return;
    }
    const [serving] = await context.catalogue.serving(unit, writing.operation.target);
    await endGeneration(context, unit, writing, outcome.value, serving?.manifest);
  });
}

async function generateOne(context: EngineContext, instance: string, job: Job, stopped: AbortSignal): Promise<void> {
  const hold: JobHold = { jobId: job.id, fence: job.fence, instance };
  let outcome: Outcome<ChatAnswer>;
  try {
    outcome = await ask(context, job.subjectId, stopped);
  } catch (error) {
    outcome = refuse('E_PROVIDER_UPSTREAM', error instanceof Error ? error.message : 'the provider failed');
  }
  // What a stopping server did not wait for is taken up by the next.
  if (stopped.aborted) return;
  await record(context, job, hold, outcome);
}

/** Has providers write drafts, a few at once, until it is stopped. */
export function startGenerations(
  context: EngineContext,
  instance: string,
  onError: (what: string, error: unknown) => void,
): { stop(): Promise<void> } {
  const stopped = new AbortController();
  const worker = async (): Promise<void> => {
    while (!stopped.signal.aborted) {
      const listener = context.wake.listen(generateTopic, 1000, stopped.signal);
      try {
        const job = await claimOne(context, instance);
        if (job !== null) {
          listener.stop();
          await generateOne(context, instance, job, stopped.signal);
          continue;
        }
      } catch (error) {
        onError('generate', error);
      }
      await listener.done;
    }
  };
  const workers = takeBackLost(context, instance)
    .catch((error: unknown) => onError('generate', error))
    .then(() => Promise.all(Array.from({ length: atOnce }, worker)));
  return {
    async stop() {
      stopped.abort();
      await workers;
    },
  };
}
