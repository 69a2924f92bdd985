import { z } from 'zod';
import { startApproved } from '../bridge/approved-content.ts';
import { IdempotencyKey } from './idempotency-key.ts';
import { defineTool, ownWords } from './tool.ts';

/** `create_run`: starts what a person approved. Nothing here approves. */
export const createRun = defineTool({
  name: 'create_run',
  title: 'Start an approved run',
  description:
    'Starts the one run of what was approved. Takes an id of ops://approved (a_…); nothing else starts. Follow it with get_run_status.',
  input: z.strictObject({
    approved_id: z.string().describe('Id of ops://approved, spelled a_ and 26 digits.'),
    idempotency_key: IdempotencyKey,
  }),
  output: z.strictObject({ run_id: z.string(), approved_id: z.string(), next: z.string() }),
  annotations: { readOnlyHint: false, destructiveHint: true, idempotentHint: true },
  async run({ approved_id: id, idempotency_key: key }, bridge) {
    const runId = await startApproved(bridge, id, key);
    return ownWords({ run_id: runId, approved_id: id, next: 'get_run_status with this run_id' });
  },
});
