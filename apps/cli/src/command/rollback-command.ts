import type { Command } from 'commander';
import { findOperationId } from '../connection/find-operation.ts';
import { carryOut } from '../flow/carry-out.ts';
import { showPlanned } from '../flow/propose.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { addOperationArgument } from './operation-argument.ts';

interface RollbackOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly detach?: boolean;
  readonly note?: string;
}

/** `countersign rollback`: the inverse of what was applied, as a new operation with its own plan, decision and evidence. */
export function configure(command: Command, session: Session): void {
  addOperationArgument(command)
    .option('--note <text>', 'why')
    .option('-y, --yes', 'answer every question with yes')
    .option('--detach', 'start the run, do not follow it');
  addCommonOptions(command);
  addExamples(command, 'countersign rollback 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10 --note "limit was too high"');
  setAction<RollbackOptions, [string]>(command, session, async (context, options, reference) => {
    const { client, deps } = context;
    const opId = await findOperationId(client, reference);
    const body = { request_id: deps.randomId(), ...(options.note !== undefined && { note: options.note }) };
    const proposed = await client.call('opsRollback', { params: { op_id: opId }, body, preferWaitSeconds: 10 });
    const operation = await showPlanned(context, proposed);
    const { yes = false, detach = false } = options;
    return carryOut(context, operation, { command: 'rollback', yes, detach });
  });
}
