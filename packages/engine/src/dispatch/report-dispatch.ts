import { isUtf8 } from 'node:buffer';
import type { Run } from '@countersign/kernel';
import {
  type ArtifactUpload,
  accept,
  CodedError,
  createScrubber,
  createTargetScrubber,
  type DispatchFinishRequest,
  type DispatchReportRequest,
  type Failure,
  type Fence,
  type HeartbeatAnswer,
  type Json,
  JsonObject,
  type Outcome,
  type RunState,
  refuse,
  type Scrubber,
  type StreamEvent,
  uuidOfRunId,
} from '@countersign/protocol';
import { actorOf, type Caller } from '../context/actor.ts';
import { commit } from '../context/commit.ts';
import type { EngineContext } from '../context/context.ts';
import { asObject } from '../secret/schema-walk.ts';
import { openInputs } from '../secret/sealed-inputs.ts';
import { emitOutput } from '../stream/operation-stream.ts';
import { completeRunIn, storeArtifacts } from '../worker/complete-job.ts';
import { heldJob } from '../worker/held-job.ts';
import { heartbeat } from '../worker/in-process-port.ts';
import { recordOutcomeIn } from '../worker/record-step.ts';
import { outputCapBytes } from './agent-connector.ts';
import { holderOf } from './claim-dispatch.ts';
import { readOn, type Said } from './dispatch-log.ts';

interface Held {
  readonly run: Run;
  /** Whether this agent has said how it ended, under this lease. */
  readonly over: boolean;
  /** Knows the secrets that the agent was given: they come back in nothing it says. */
  readonly known: Scrubber;
  /** Knows those, and what has the shape of any other. */
  readonly scrubber: Scrubber;
}

/** The run that a lease is for. A lease holds only for the agent it was given to, and for its own run. */
async function heldRun(context: EngineContext, caller: Caller, runId: string, lease: Fence): Promise<Outcome<Held>> {
  return await context.store.read(async (reads) => {
    const id = uuidOfRunId(runId);
    const run = id === null ? null : await reads.runs.get(id);
    const job = await reads.jobs.get(lease.job_id);
    const operation = run === null ? null : await reads.operations.get(run.operationId);
    const [step] = run === null ? [] : await reads.runs.steps(run.id);
    const same = job !== null && run !== null && job.subjectId === run.operationId && job.fence === lease.fence;
    const held = same && job.leaseWorker === holderOf(caller) && job.leaseInstance === lease.instance;
    const over = same && job.state === 'done' && asObject(step?.after)?.['said_by'] === caller.principal.name;
    if ((!held && !over) || run === null || operation === null) {
      return refuse('E_LEASE_LOST', 'this instruction is not, or no longer, yours', {
        run_id: runId,
        next: 'stop; a person says what became of it',
      });
    }
    const { secrets } = openInputs(context.vault, [], await reads.sealed.list(operation.id));
    return accept({ run, over, known: createScrubber(secrets), scrubber: createTargetScrubber(secrets) });
  });
}

/** The agent is still at it: its lease begins anew, and it hears whether to stop. */
export async function keepDispatch(
  context: EngineContext,
  caller: Caller,
  runId: string,
  lease: Fence,
): Promise<Outcome<HeartbeatAnswer>> {
  const held = await heldRun(context, caller, runId, lease);
  return held.ok ? accept(await heartbeat(context, lease, context.settings.dispatchLeaseMs)) : held;
}

/** A text as it goes into the log behind what was said before: nothing of a secret that was cut between the two follows its beginning. */
function behind(tail: string, text: string, { known, scrubber }: Held): string {
  const whole = known.text(tail + text);
  let same = 0;
  while (same < tail.length && whole[same] === tail[same]) same += 1;
  return scrubber.text(whole.slice(same));
}

/** What a report adds to the stream: its text, or that there is no room for it any more. */
function eventOf(said: Said, { text, fraction }: DispatchReportRequest, held: Held): StreamEvent {
  const own = text.endsWith('\n') ? text : `${text}\n`;
  const kept = behind(said.tail, own, held);
  const bytes = Buffer.byteLength(kept);
  if (said.bytes + bytes > outputCapBytes) {
    return { type: 'truncated', step: 0, cap_bytes: outputCapBytes, dropped_bytes: bytes };
  }
  if (fraction !== undefined) return { type: 'progress', step: 0, message: kept.trimEnd(), fraction };
  const lines = kept.split('\n').length - 1;
  return { type: 'output', step: 0, channel: 'stdout', text: kept, first_line: said.nextLine, line_count: lines };
}

/**
 * Takes what an agent says into the stream of its run, scrubbed, up to the cap of its action; a report that comes twice stands
 * once.
 */
export async function reportDispatch(
  context: EngineContext,
  caller: Caller,
  runId: string,
  request: DispatchReportRequest,
): Promise<Outcome<HeartbeatAnswer>> {
  const { lease, number } = request;
  const held = await heldRun(context, caller, runId, lease);
  if (!held.ok) return held;
  const { operationId } = held.value.run;
  const durable = await context.dispatchLogs.of(context.store, operationId);
  await commit(context, 'output', async (unit) => {
    // Locks the job: of reports at once each knows what the one before it said.
    const job = await heldJob(unit, lease);
    const said = await readOn(unit.streams, operationId, durable);
    const place = { writer: `${job.id} ${lease.fence}`, first: number };
    await emitOutput(context, unit, operationId, place, [eventOf(said, request, held.value)]);
  });
  return accept(await heartbeat(context, lease, context.settings.dispatchLeaseMs));
}

function scrubbed(value: Json, scrubber: Scrubber): Json {
  if (typeof value === 'string') return scrubber.text(value);
  if (Array.isArray(value)) return value.map((item) => scrubbed(item, scrubber));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [scrubber.text(key), scrubbed(item, scrubber)]));
}

/** A file of an agent: text is scrubbed; of what is no text nobody can say what is in it, so none is kept. */
function scrubbedFile(file: ArtifactUpload, scrubber: Scrubber): ArtifactUpload {
  const bytes = Buffer.from(file.content_base64, 'base64');
  if (!isUtf8(bytes)) {
    throw new CodedError('E_VALIDATION', `the artifact "${file.name}" is no text`, {
      field: '/artifacts',
      next: 'hand over text in UTF-8, such as a log or a patch',
    });
  }
  const text = scrubber.text(bytes.toString('utf8'));
  return { ...file, content_base64: Buffer.from(text).toString('base64') };
}

const codes = { failed: 'E_TARGET_REFUSED', cancelled: 'E_CANCELLED', unknown: 'E_OUTCOME_UNKNOWN' } as const;

function failureOf({ result, message }: DispatchFinishRequest, scrubber: Scrubber): Failure | null {
  if (result === 'succeeded') return null;
  const said = message === undefined ? `the agent says that it ${result}` : scrubber.text(message);
  return { code: codes[result], message: said };
}

/**
 * Ends the run of an instruction by its agent's word: what became of the one step and that the run is over stand in one unit, so
 * that no lease can lapse between them. Said again after a lost answer it changes nothing.
 */
export async function finishDispatch(
  context: EngineContext,
  caller: Caller,
  runId: string,
  request: DispatchFinishRequest,
): Promise<Outcome<{ run_id: string; state: RunState }>> {
  const { lease, result } = request;
  const held = await heldRun(context, caller, runId, lease);
  if (!held.ok) return held;
  const { run, over, scrubber } = held.value;
  if (!over) {
    const actor = actorOf(caller.principal);
    const artifacts = request.artifacts.map((file) => scrubbedFile(file, scrubber));
    const summary = JsonObject.parse(scrubbed(request.summary ?? {}, scrubber));
    const failure = failureOf(request, scrubber);
    const told = failure === null ? {} : { failure };
    const after = { said_by: caller.principal.name, summary };
    const outcome = result === 'unknown' ? 'unknown' : failure === null ? 'verified' : 'failed';
    const stored = await storeArtifacts(context, artifacts);
    await commit(context, 'dispatch-finish', async (unit) => {
      // An agent's word is all there is to verify its step by.
      await recordOutcomeIn(context, unit, lease, { index: 0, outcome, after, guard: null, ...told }, actor);
      const ending = { kind: 'run', result, artifacts, summary, ...told } as const;
      await completeRunIn(context, unit, await heldJob(unit, lease), ending, stored, actor);
    });
    context.dispatchLogs.forget(run.operationId);
  }
  const state = (await context.store.read((reads) => reads.runs.get(run.id)))?.state ?? run.state;
  return accept({ run_id: runId, state });
}
