import type { OperationView } from '@countersign/protocol';
import { audited, subjectOf } from '../local-audit/audited.ts';
import type { Context } from '../program/context.ts';

/** Withdraws an operation or asks to cancel its run, with its local audit lines. */
export async function cancelRun(context: Context, opId: string, reason?: string): Promise<OperationView> {
  const operation = await context.client.call('opsGet', { params: { op_id: opId } });
  const body = reason === undefined ? {} : { reason };
  return audited(
    context,
    'cancel',
    subjectOf(operation),
    () => context.client.call('opsCancel', { params: { op_id: opId }, body }),
    ({ display }) => display,
  );
}
