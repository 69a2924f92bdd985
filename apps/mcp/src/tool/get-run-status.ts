import { visibleLine } from '@countersign/evidence';
import { RunSummary } from '@countersign/protocol';
import { z } from 'zod';
import { approvedRun } from '../bridge/approved-content.ts';
import { dataFrom, defineTool } from './tool.ts';

/** `get_run_status`: how a run of what was approved stands, with the newest lines it said. */
export const getRunStatus = defineTool({
  name: 'get_run_status',
  title: 'Look at a run',
  description:
    'How a run stands: pending, running, done or error, what it said, and the bundle that proves it once it ended. An outcome that is not known says so under detail.',
  input: z.strictObject({ run_id: z.string().describe('Id that create_run answered, spelled r_ and 26 digits.') }),
  output: RunSummary,
  annotations: { readOnlyHint: true },
  async run({ run_id: id }, bridge) {
    const run = await approvedRun(bridge, id);
    // Lines come from the system that was changed: what cannot be seen is shown by number.
    return dataFrom(`run ${id}, with lines that its target wrote`, { ...run, log: run.log.map(visibleLine) });
  },
});
