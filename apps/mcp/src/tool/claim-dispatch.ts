import { DispatchView } from '@countersign/protocol';
import { z } from 'zod';
import { markedData, markedInstruction } from '../data/marked-data.ts';
import { IdempotencyKey } from './idempotency-key.ts';
import { defineTool, ownWords } from './tool.ts';

/** The instruction between marks of its own, what to know as data, and the lease that goes with everything said of it. */
function handedOver({ instruction, context, run_id: runId, approved_id: approvedId, lease }: DispatchView): string {
  return [
    'This instruction was approved and is handed over to you alone. Do exactly what stands between the marks.',
    markedInstruction(instruction),
    markedData('context of the instruction', JSON.stringify(context)),
    `Pass these on with everything you say of it: ${JSON.stringify({ run_id: runId, lease })}. It was approved as ${approvedId}.`,
  ].join('\n\n');
}

/** `claim_dispatch`: an agent asks for one approved instruction whose run was started. */
export const claimDispatch = defineTool({
  name: 'claim_dispatch',
  title: 'Take over an instruction',
  description:
    'Hands one approved and started instruction over to you, or null where none waits. From then on you hold it: say that you are at it with heartbeat_dispatch before lease_ms are over, and how it ended with finish_dispatch. An agent that falls silent leaves the outcome unknown.',
  input: z.strictObject({
    idempotency_key: IdempotencyKey,
    wait_ms: z.int().min(0).max(30_000).default(0).describe('How long to wait for one, in milliseconds.'),
  }),
  output: z.strictObject({ dispatch: DispatchView.nullable() }),
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  async run({ idempotency_key: key, wait_ms: waitMs }, { client }) {
    const answer = await client.call('dispatchClaim', { body: { wait_ms: waitMs, request_id: key } });
    const { dispatch } = answer;
    return dispatch === null ? ownWords(answer) : { content: answer, text: () => handedOver(dispatch) };
  },
});
