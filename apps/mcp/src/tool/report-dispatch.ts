import { DispatchReportAnswer, DispatchReportRequest } from '@countersign/protocol';
import { z } from 'zod';
import { heldDispatch, ofHeld } from '../bridge/held-dispatch.ts';
import { defineTool, ownWords } from './tool.ts';

const { number, text, fraction } = DispatchReportRequest.shape;

/** `report_dispatch`: what an agent did, into the log and the evidence of the run. Its number is the key of a report. */
export const reportDispatch = defineTool({
  name: 'report_dispatch',
  title: 'Say what you did',
  description:
    'Adds what you did to the log of the run, which people read and evidence keeps. Also counts as a heartbeat. Number your reports 1, 2, 3: one that comes twice with its number stands once.',
  input: z.strictObject({
    ...heldDispatch,
    number: number.describe('1 for your first report of this run, then one more each time; the key of the report.'),
    text: text.describe('What you did, in plain text.'),
    fraction: fraction.describe('How far you are, from 0 to 1; then text is one line about that.'),
  }),
  output: DispatchReportAnswer,
  annotations: { readOnlyHint: false, destructiveHint: false, idempotentHint: true },
  async run({ run_id: id, ...body }, bridge) {
    return ownWords(
      await ofHeld(bridge, id, (client, run_id) => client.call('dispatchReport', { params: { run_id }, body })),
    );
  },
});
