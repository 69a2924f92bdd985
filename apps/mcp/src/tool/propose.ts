import { createHash } from 'node:crypto';
import { AgentRef, CodedError, draftIdOf, InstructionText, Name, ProposeRequest } from '@countersign/protocol';
import { z } from 'zod';
import type { Bridge } from '../bridge/bridge.ts';
import { IdempotencyKey } from './idempotency-key.ts';
import { defineTool, ownWords } from './tool.ts';

// Plain objects instead of the recursive JSON type: several model services refuse schemas that refer to themselves.
const Inputs = z.record(z.string(), z.unknown());
const input = z.strictObject({
  idempotency_key: IdempotencyKey,
  steps: z
    .array(z.strictObject({ action: z.string().max(96), inputs: Inputs }))
    .min(1)
    .max(64)
    .optional()
    .describe('Typed steps on one target, as search_actions describes them. Either this or instruction.'),
  instruction: InstructionText.optional().describe('What an agent is to do, in words. Either this or steps.'),
  context: Inputs.optional().describe('What the agent is to know beside the instruction, as data.'),
  agent: AgentRef.optional().describe('Only this agent of yours gets the instruction, or OWNER/NAME.'),
  target: Name.optional().describe('Name of the target of the steps.'),
  project: Name.optional(),
  environment: Name.optional(),
  note: z.string().max(2000).optional().describe('Why, for the people who decide.'),
});
type Proposal = z.output<typeof input>;

const refusal = (field: string, message: string) =>
  new CodedError('E_VALIDATION', message, { field, next: 'mend the arguments and call again' });

/** What speaks here is a model, whoever's token it has. One key is one proposal, so it is one plan as well. */
function planId(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

function stepsBody({ steps, target, project, environment, note, idempotency_key: key }: Proposal): ProposeRequest {
  const parsed = ProposeRequest.safeParse({
    steps,
    target,
    project,
    environment,
    note,
    request_id: key,
    start: 'manual',
    planned_by: { plan_id: planId(key), planner: 'model', provider: 'mcp', model: 'unknown' },
  });
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw refusal(issue?.path.map(String).join('.') ?? 'steps', issue?.message ?? 'these are no typed steps');
}

/** Proposes and answers the operation's id; whatever else the server says of it stays here. */
async function proposed(proposal: Proposal, { client }: Bridge): Promise<string> {
  const { steps, instruction, context, agent, note, idempotency_key: key } = proposal;
  if ((steps === undefined) === (instruction === undefined))
    throw refusal('steps', 'give either typed steps or an instruction');
  if (instruction === undefined) {
    if (context !== undefined || agent !== undefined)
      throw refusal('context', 'context and agent belong to an instruction');
    const body = stepsBody(proposal);
    return (await client.call('opsPlan', { body, preferWaitSeconds: 0 })).op_id;
  }
  if (proposal.target !== undefined || proposal.project !== undefined || proposal.environment !== undefined)
    throw refusal('target', 'an instruction has no target of its own');
  const inputs = { instruction, ...(context !== undefined && { context }), ...(agent !== undefined && { agent }) };
  const body = stepsBody({ idempotency_key: key, note, steps: [{ action: 'agent.dispatch', inputs }] });
  return (await client.call('opsPlan', { body, preferWaitSeconds: 0 })).op_id;
}

/** `propose`: a proposal for people to decide on. Answers a receipt, never what became of the proposal. */
export const propose = defineTool({
  name: 'propose',
  title: 'Propose a change',
  description:
    'Proposes typed steps, or an instruction for an agent. Nothing happens by this: people see the exact plan elsewhere and decide. Answers a receipt only; once approved, the change stands in ops://approved.',
  input,
  output: z.strictObject({ receipt: z.string(), status: z.literal('received'), see: z.string(), next: z.string() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  async run(proposal, bridge) {
    const receipt = draftIdOf(await proposed(proposal, bridge));
    const content = {
      receipt,
      status: 'received' as const,
      see: `A person sees it at ${bridge.client.url}/ops/${receipt}`,
      next: `Once approved it stands in ops://approved as ${receipt.replace('d_', 'a_')}.`,
    };
    return ownWords(content);
  },
});
