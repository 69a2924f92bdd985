import type { Command } from 'commander';
import { findOperationId } from '../connection/find-operation.ts';
import { cancelRun } from '../flow/cancel-run.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { addOperationArgument } from './operation-argument.ts';
import { tellOperation } from './tell-operation.ts';

/** `countersign cancel`: withdraws what has not run, asks a run to stop before its next effect. */
export function configure(command: Command, session: Session): void {
  addOperationArgument(command).option('--reason <text>', 'why, for the audit log');
  addCommonOptions(command);
  addExamples(command, 'countersign cancel 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10 --reason "wrong file"');
  setAction<CommonOptions & { reason?: string }, [string]>(command, session, async (context, options, reference) => {
    const opId = await findOperationId(context.client, reference);
    return tellOperation(context, await cancelRun(context, opId, options.reason));
  });
}
