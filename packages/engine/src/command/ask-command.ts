import {
  AiCommandInputs,
  type AiCommandName,
  AiCommandOutputs,
  type AiCommandRequest,
  type AiCommandView,
  accept,
  JsonObject,
  jsonSchemaOf,
  type Outcome,
  refuse,
  type TargetRef,
  uuidOfOperationRef,
} from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { agentConnector, dispatchAction } from '../dispatch/agent-connector.ts';
import { askProvider, type ReadText, requestOf } from '../draft/ask-provider.ts';
import { admitProposal } from '../operation/admit-proposal.ts';
import { findOperation, holdsRole, sees } from '../operation/find-operation.ts';
import { findKey } from '../operation/idempotency-key.ts';
import type { PreparedOperation } from '../operation/prepare-operation.ts';
import { readRepository } from '../repository/read-repository.ts';
import { allCommands, type CommandRead, type CommandTemplate, commandConnector } from './repo-commands.ts';

const readWaitMs = 20_000;
/** What of one read may go to the provider, in characters. */
const longestRead = 32_768;

/** Every command as it may be asked for. */
export function listCommands(): AiCommandView[] {
  return allCommands().map(({ name, title, description, reads, makes }) => ({
    ...{ name, title, description, makes },
    connector: commandConnector,
    reads: [...reads],
    input_schema: jsonSchemaOf(AiCommandInputs[name]),
    output_schema: jsonSchemaOf(AiCommandOutputs[name]),
  }));
}

/** The repository that a command is about. */
function repositoryOf(context: EngineContext, caller: Caller, name: string): Outcome<TargetRef> {
  const found = context.targets.find(
    (target) => target.name === name && target.connector === commandConnector && sees(caller, target),
  );
  if (found !== undefined) return accept(found);
  return refuse('E_TARGET_UNKNOWN', `there is no repository "${name}" that you may see`, {
    field: '/target',
    next: 'see `countersign targets`',
  });
}

/** Where the draft of a command goes, and that policy lets this caller propose such a step at all. */
async function placeOf(
  context: EngineContext,
  caller: Caller,
  repository: TargetRef,
  { makes }: CommandTemplate,
): Promise<Outcome<PreparedOperation>> {
  const own = context.targets.find(({ connector }) => connector === agentConnector);
  const target = makes === dispatchAction ? own : repository;
  if (target === undefined || !sees(caller, target)) {
    return refuse('E_TARGET_UNKNOWN', 'instructions for agents are not yours to draft here', {
      next: 'ask an administrator for a role in the project of the agents',
    });
  }
  const holds = holdsRole(caller, target, 'actions');
  if (!holds.ok) return holds;
  const serving = await context.store.read((reads) => context.catalogue.serving(reads, target));
  const action = serving[0]?.manifest.actions.find(({ name }) => name === makes);
  if (action === undefined) {
    return refuse('E_WORKER_UNAVAILABLE', `no worker that can ${makes} serves target "${target.name}" now`, {
      target: target.name,
      next: 'see `countersign health`',
    });
  }
  const prepared: PreparedOperation = { target, actions: [action], steps: [], sealed: [] };
  const admitted = await admitProposal(context, caller, prepared);
  return admitted.ok ? accept(prepared) : admitted;
}

/** Reads through the caller's own rights: decided by policy, done by a worker, audited. */
async function readFor(
  context: EngineContext,
  caller: Caller,
  { name: target }: TargetRef,
  { action, inputs, source }: CommandRead,
  signal: AbortSignal,
): Promise<Outcome<ReadText>> {
  const chosen = { selector: { target } };
  const read = await readRepository(context, caller, { chosen, action, inputs, waitMs: readWaitMs, signal });
  if (!read.ok) return read;
  const text = Buffer.from(read.value.artifact?.content ?? new Uint8Array()).toString('utf8');
  return accept({ source, text: text.slice(0, longestRead) });
}

/** The failing checks of an operation that the caller sees, and the files that they name. */
async function failingChecks(
  context: EngineContext,
  caller: Caller,
  repository: TargetRef,
  ref: string,
): Promise<Outcome<{ text: ReadText; files: CommandRead[] }>> {
  const opId = uuidOfOperationRef(ref) ?? ref;
  const found = await context.store.read(async (reads) => {
    const seen = await findOperation(reads, caller, opId, 'viewer');
    if (!seen.ok) return seen;
    return accept({ operation: seen.value, plan: await reads.plans.get(opId, seen.value.revision) });
  });
  if (!found.ok) return found;
  const { operation, plan } = found.value;
  const failing = plan?.body?.checks.filter(({ status }) => status === 'fail') ?? [];
  if (operation.target.name !== repository.name || failing.length === 0) {
    return refuse('E_VALIDATION', `no check of that operation fails on "${repository.name}"`, {
      field: '/inputs/op_id',
      next: 'name an operation on the same target whose plan has a failing check',
    });
  }
  const named = [...new Set(failing.flatMap((check) => (check.file === undefined ? [] : [check.file])))].slice(0, 8);
  const files = named.map((path): CommandRead => {
    return { source: `file ${path}`, action: 'repo.file', inputs: { path, max_bytes: longestRead } };
  });
  const patches = plan?.body?.diffs.map(({ patch }) => patch).join('\n') ?? '';
  const text = `${JSON.stringify(failing)}\n\nProposed so far:\n${patches.slice(0, longestRead)}`;
  return accept({ text: { source: 'failing checks', text }, files });
}

async function gather(
  context: EngineContext,
  caller: Caller,
  repository: TargetRef,
  reads: readonly CommandRead[],
  signal: AbortSignal,
): Promise<Outcome<ReadText[]>> {
  const texts: ReadText[] = [];
  for (const read of reads) {
    const text = await readFor(context, caller, repository, read, signal);
    if (!text.ok) return text;
    texts.push(text.value);
  }
  return accept(texts);
}

/**
 * Has the active provider draft something from what the caller may read. What it answers becomes the typed steps of a draft and goes
 * through plan, checks and decision like any other; nothing is changed by asking.
 */
export async function askCommand(
  context: EngineContext,
  caller: Caller,
  name: AiCommandName,
  { request_id: requestId, ...asked }: AiCommandRequest,
  signal: AbortSignal,
): Promise<Outcome<string>> {
  const idempotency =
    requestId === undefined ? null : { route: `ai-commands.${name}`, key: requestId, body: JsonObject.parse(asked) };
  const standing = await context.store.read((reads) => findKey(context, reads, caller, idempotency));
  if (standing !== null) return standing;
  const template = allCommands().find((known) => known.name === name);
  if (template === undefined) return refuse('E_NOT_FOUND', `there is no command "${name}"`, { next: 'see the list' });
  const repository = repositoryOf(context, caller, asked.target);
  if (!repository.ok) return repository;
  const task = template.taskOf(asked.inputs);
  if (!task.ok) return task;
  const place = await placeOf(context, caller, repository.value, template);
  if (!place.ok) return place;
  const { checksOf, prompt } = task.value;
  const failing = checksOf === null ? null : await failingChecks(context, caller, repository.value, checksOf);
  if (failing?.ok === false) return failing;
  const reads = [...(failing?.value.files ?? []), ...task.value.reads];
  const texts = await gather(context, caller, repository.value, reads, signal);
  if (!texts.ok) return texts;
  const documents = [...(failing === null ? [] : [failing.value.text]), ...texts.value];
  const request = requestOf(template.task, prompt, documents, jsonSchemaOf(AiCommandOutputs[name]));
  const said = `${template.title} on ${repository.value.name}${prompt.startsWith('Goal: ') ? `: ${prompt.slice(6)}` : ''}`;
  return await askProvider(context, caller, place.value, { prompt: said, command: name, request, idempotency });
}
