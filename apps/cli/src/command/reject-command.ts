import type { Command } from 'commander';
import { findOperation } from '../connection/find-operation.ts';
import { audited, subjectOf } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { addOperationArgument } from './operation-argument.ts';
import { tellOperation } from './tell-operation.ts';

/** `countersign reject`: the operation will never run. */
export function configure(command: Command, session: Session): void {
  addOperationArgument(command).requiredOption('--reason <text>', 'why');
  addCommonOptions(command);
  addExamples(command, 'countersign reject 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10 --reason "not during the sale"');
  setAction<CommonOptions & { reason: string }, [string]>(command, session, async (context, options, reference) => {
    const operation = await findOperation(context.client, reference);
    // Without the digest: a no is a no to whatever the plan has become meanwhile.
    const request = { params: { op_id: operation.op_id }, body: { reason: options.reason } };
    const call = () => context.client.call('opsReject', request);
    return tellOperation(
      context,
      await audited(context, 'reject', subjectOf(operation), call, ({ display }) => display),
    );
  });
}
