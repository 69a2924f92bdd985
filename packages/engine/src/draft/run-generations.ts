import type { ChatAnswer, Job, JobHold } from '@countersign/kernel';
import { type Failure, type Outcome, refuse } from '@countersign/protocol';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { generateTopic } from '../context/wake-ups.ts';
import { budgetedProvider } from '../provider/budgeted-provider.ts';
import { takeBack } from '../worker/take-back.ts';
import { endGeneration, failGeneration, stillWriting, wouldBeTaken } from './end-generation.ts';

/** The longest that a provider may take, whatever is configured. */
const longestMs = 30_000;
/** Longer than a provider may take: what is not ended by then was lost with its server. */
const leaseMs = 45_000;
/** Hints may be lost. */
const lookAgainMs = 1000;
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

/** Resolves once nobody wants the draft from its provider any more, because it was withdrawn or written by hand, or at `over`. */
async function untilUnwanted(context: EngineContext, operationId: string, over: AbortSignal): Promise<void> {
  while (!over.aborted) {
    const listener = context.wake.listen(generateTopic, lookAgainMs, over);
    // A look that fails is no answer: the next one tells.
    const wanted = await context.store.read((reads) => wouldBeTaken(reads, operationId)).catch(() => true);
    if (wanted === null) return listener.stop();
    await listener.done;
  }
}

/**
 * Asks the provider that was active when the draft was asked for; it ends in time, whatever it does, and at once when its draft is
 * not wanted from it any more. Null where that was so before anything was sent.
 */
async function ask(
  context: EngineContext,
  operationId: string,
  stopped: AbortSignal,
): Promise<Outcome<ChatAnswer> | null> {
  const writing = await context.store.read((reads) => wouldBeTaken(reads, operationId));
  if (writing === null) return null;
  const { operation, generation } = writing;
  const provider = context.providers.named(generation.provider);
  if (provider === null) {
    return refuse('E_PROVIDER_UNAVAILABLE', `provider "${generation.provider}" is not configured any more`);
  }
  const { system, prompt, schema, maxOutputTokens } = generation.request;
  const timeoutMs = Math.min(longestMs, context.settings.models.timeoutMs);
  const over = new AbortController();
  const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), stopped, over.signal]);
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: prompt },
  ] as const;
  const timely = new Promise<Outcome<ChatAnswer>>((resolve) => {
    const inTime = (): void =>
      resolve(refuse('E_PROVIDER_TIMEOUT', `the provider did not answer within ${timeoutMs / 1000} seconds`));
    if (signal.aborted) inTime();
    else signal.addEventListener('abort', inTime, { once: true });
  });
  const budgeted = budgetedProvider(context, provider, [operation.target.project]);
  const asked = budgeted.chatOnce({ messages, schema, maxOutputTokens, timeoutMs, signal });
  const unwanted = untilUnwanted(context, operationId, signal).then(() => over.abort());
  try {
    return await Promise.race([asked, timely]);
  } finally {
    over.abort();
    await unwanted;
  }
}

async function record(
  context: EngineContext,
  job: Job,
  hold: JobHold,
  outcome: Outcome<ChatAnswer> | null,
): Promise<void> {
  await commit(context, 'generate', async (unit) => {
    if ((await unit.jobs.held(hold)) === null) return;
    await unit.jobs.finish(job.id);
    const writing = await stillWriting(unit, job.subjectId);
    if (writing === null || outcome === null) return;
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
  let outcome: Outcome<ChatAnswer> | null;
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
