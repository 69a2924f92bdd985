import { setTimeout as sleep } from 'node:timers/promises';
import { CodedError, type OperationView } from '@countersign/protocol';
import type { Context } from '../program/context.ts';
import { startSpinner } from '../terminal/spinner.ts';

const firstPauseMs = 150;
const longestPauseMs = 2_000;
const patienceMs = 10 * 60_000;

/** Waits until an operation is no longer being planned; E_TIMEOUT after ten minutes, where planning goes on by itself. */
export async function waitForPlan(context: Context, operation: OperationView): Promise<OperationView> {
  const spinner = startSpinner(context.deps.terminal.stderr, !context.print.json);
  spinner.say('planning');
  let current = operation;
  try {
    const until = context.deps.now() + patienceMs;
    for (let pauseMs = firstPauseMs; current.state === 'planning'; pauseMs = Math.min(longestPauseMs, pauseMs * 1.5)) {
      if (context.deps.now() > until) {
        const next = `countersign show ${operation.op_id}`;
        throw new CodedError('E_TIMEOUT', 'the plan is still being made', { op_id: operation.op_id, next });
      }
      await sleep(pauseMs);
      current = await context.client.call('opsGet', { params: { op_id: operation.op_id } });
    }
    return current;
  } finally {
    spinner.stop();
  }
}
