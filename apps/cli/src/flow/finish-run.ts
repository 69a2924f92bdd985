import { setTimeout as sleep } from 'node:timers/promises';
import { visibleLine } from '@countersign/evidence';
import type { OperationView } from '@countersign/protocol';
import { recordEnd } from '../local-audit/audited.ts';
import type { Context } from '../program/context.ts';
import { exitOfRun } from '../program/exit-code.ts';
import { renderRun } from '../render/run.ts';
import { followRun } from './follow-run.ts';

// 128 + SIGINT, what a shell expects of a program that Ctrl-C ended.
const interruptedExit = 130;
const sealPatienceMs = 5_000;
const sealPauseMs = 200;

/** The operation once its bundle is sealed, or after five seconds: the run has ended either way. */
async function sealedOperation(context: Context, opId: string): Promise<OperationView> {
  const until = context.deps.now() + sealPatienceMs;
  for (;;) {
    const operation = await context.client.call('opsGet', { params: { op_id: opId } });
    const isSealed =
      operation.evidence === 'sealed' || operation.evidence === 'anchored' || operation.evidence === null;
    if (isSealed || operation.run?.state === 'outcome_unknown' || context.deps.now() >= until) return operation;
    await sleep(sealPauseMs);
  }
}

/** Follows a run to its end, prints the outcome, the bundle and the next commands; answers the exit code. */
export async function finishRun(context: Context, opId: string, command: string): Promise<number> {
  const { print } = context;
  const how = await followRun(context, opId);
  if (how === 'left') {
    print.note(`The run goes on. Follow it: countersign logs -f ${opId}; cancel it: countersign cancel ${opId}`);
    print.document(await context.client.call('opsGet', { params: { op_id: opId } }));
    return interruptedExit;
  }
  const operation = await sealedOperation(context, opId);
  if (operation.run !== null) print.text(`\n${renderRun(operation.run, print.colors)}`);
  print.text(`bundle ${operation.bundle_id}${operation.evidence === null ? '' : ` (${operation.evidence})`}`);
  if (operation.next.length > 0) print.note('\nNext:');
  for (const step of operation.next) print.next(`  ${visibleLine(step)}`);
  await recordEnd(context, command, operation);
  print.document(operation);
  return exitOfRun(operation);
}
