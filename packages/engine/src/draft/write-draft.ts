import {
  accept,
  type DraftCreateRequest,
  type DraftEditRequest,
  JsonObject,
  type Outcome,
  refuse,
  type StepInput,
} from '@countersign/protocol';
import type { Caller } from '../context/actor.ts';
import type { EngineContext } from '../context/context.ts';
import { addressee, agentConnector, dispatchAction, isDispatch } from '../dispatch/agent-connector.ts';
import { editOperation } from '../operation/edit-operation.ts';
import { findOperation } from '../operation/find-operation.ts';
import { proposeOperation } from '../operation/propose-operation.ts';
import { asObject } from '../secret/schema-walk.ts';
import { holdsSealedMark, openInputs } from '../secret/sealed-inputs.ts';

/** The step that hands an instruction over. */
export function dispatchStep(instruction: string, context: JsonObject | undefined, agent: string | null): StepInput {
  const known = context === undefined || Object.keys(context).length === 0 ? {} : { context };
  return { action: dispatchAction, inputs: { instruction, ...known, ...(agent === null ? {} : { agent }) } };
}

/** Drafts an instruction: an operation on the built-in target, planned at once. Answers its id. */
export async function createDraft(
  context: EngineContext,
  caller: Caller,
  { request_id: requestId, ...request }: DraftCreateRequest,
): Promise<Outcome<string>> {
  const { prompt, content, agent } = request;
  return await proposeOperation(context, caller, {
    selector: selectorOf(context),
    steps: [dispatchStep(content ?? prompt, request.context, agent ?? null)],
    start: 'manual',
    note: '',
    plannedBy: null,
    origin: 'api',
    rollbackOf: null,
    prompt,
    idempotency: requestId === undefined ? null : { route: 'drafts', key: requestId, body: JsonObject.parse(request) },
  });
}

/** The built-in target, by its name: the steps alone would name it too. */
export function selectorOf({ targets }: EngineContext): { target?: string } {
  const own = targets.find(({ connector }) => connector === agentConnector);
  return own === undefined ? {} : { target: own.name };
}

/** Steps as they will be after an edit; what is not said of them stays. */
function edited(former: StepInput | undefined, request: DraftEditRequest): Outcome<readonly StepInput[]> {
  if (request.steps !== undefined) return accept(request.steps);
  const inputs = former?.inputs ?? {};
  const stands = typeof inputs['instruction'] === 'string' ? inputs['instruction'] : '';
  const instruction = request.content ?? request.prompt ?? stands;
  if (instruction === '') {
    return refuse('E_VALIDATION', 'the draft has no content yet', {
      field: '/content',
      next: 'say what is to be done',
    });
  }
  const context = request.context ?? asObject(inputs['context']) ?? undefined;
  const agent = request.agent === undefined ? addressee(former === undefined ? [] : [former]) : request.agent;
  return accept([dispatchStep(instruction, context, agent)]);
}

/** Whether something would stay that holds another's secret: with another agent beside it, it would go elsewhere. */
function keepsSecret([former]: readonly StepInput[], request: DraftEditRequest): boolean {
  const { instruction = null, context = null } = former?.inputs ?? {};
  const saysAnew = request.content !== undefined || request.prompt !== undefined;
  return (!saysAnew && holdsSealedMark(instruction)) || (request.context === undefined && holdsSealedMark(context));
}

/** Changes what is said of a draft and leaves the rest; it is planned anew, and every approval is void. */
export async function editDraft(
  context: EngineContext,
  caller: Caller,
  opId: string,
  request: DraftEditRequest,
): Promise<Outcome<string>> {
  const current = await context.store.read(async (reads) => {
    const found = await findOperation(reads, caller, opId, 'actions');
    return found.ok ? accept({ operation: found.value, sealed: await reads.sealed.list(opId) }) : found;
  });
  if (!current.ok) return current;
  const { operation, sealed } = current.value;
  const instruction = isDispatch(operation);
  if (instruction === (request.steps !== undefined)) {
    const other = instruction ? 'an instruction: it has no steps' : 'typed steps: it has no content of its own';
    return refuse('E_VALIDATION', `this draft is ${other}`, {
      field: instruction ? '/steps' : '/content',
      next: instruction ? 'send content, context or agent' : 'send steps',
    });
  }
  if (operation.requester.root !== caller.principal.root && keepsSecret(operation.steps, request)) {
    return refuse('E_AUTH_FORBIDDEN', "what another sealed stays theirs: say the draft's content and context anew", {
      field: '/content',
      next: 'send content and context, or propose your own draft',
    });
  }
  const closed = operation.state === 'closed';
  const [former] = closed ? operation.steps : openInputs(context.vault, operation.steps, sealed).steps;
  const steps = edited(former, request);
  if (!steps.ok) return steps;
  // Without a revision of the caller's own, the one that was just read counts: what stays must not be older than what changes.
  const revision = request.revision ?? operation.revision;
  return await editOperation(context, caller, opId, { steps: steps.value, revision, prompt: request.prompt });
}
