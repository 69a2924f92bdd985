import type { Command } from 'commander';
import { findOperation } from '../connection/find-operation.ts';
import { carryOut } from '../flow/carry-out.ts';
import { showPlanned } from '../flow/propose.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { addDigestOption, addOperationArgument, checkDigest } from './operation-argument.ts';

interface StartOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly detach?: boolean;
  readonly digest?: string;
}

/** `countersign start`: shows a planned operation, asks what is still to be asked, runs and follows it. */
export function configure(command: Command, session: Session): void {
  addOperationArgument(command)
    .option('-y, --yes', 'answer every question with yes')
    .option('--detach', 'start the run, do not follow it');
  addCommonOptions(addDigestOption(command));
  addExamples(
    command,
    'countersign start 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10',
    'countersign start 0198f2a4-7c1e --yes --json',
  );
  setAction<StartOptions, [string]>(command, session, async (context, options, reference) => {
    const operation = await showPlanned(context, await findOperation(context.client, reference));
    checkDigest(operation, options.digest);
    const { yes = false, detach = false } = options;
    return carryOut(context, operation, { command: 'start', yes, detach });
  });
}
