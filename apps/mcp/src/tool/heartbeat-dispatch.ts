import { DispatchReportAnswer } from '@countersign/protocol';
import { z } from 'zod';
import { heldDispatch, ofHeld } from '../bridge/held-dispatch.ts';
import { defineTool, ownWords } from './tool.ts';

/** `heartbeat_dispatch`: the lease begins anew, and the agent hears whether to stop. Twice is as once. */
export const heartbeatDispatch = defineTool({
  name: 'heartbeat_dispatch',
  title: 'Still at it',
  description: 'Says that you are still at it. Where the answer says cancel or panic, stop and call finish_dispatch.',
  input: z.strictObject(heldDispatch),
  output: DispatchReportAnswer,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  async run({ run_id: id, lease }, bridge) {
    return ownWords(
      await ofHeld(bridge, id, (client, run_id) =>
        client.call('dispatchHeartbeat', { params: { run_id }, body: { lease } }),
      ),
    );
  },
});
