import type { Command } from 'commander';
import { findOperation } from '../connection/find-operation.ts';
import { confirmPlan } from '../flow/carry-out.ts';
import { askTargetName, nobodyToAsk, printStakes } from '../flow/confirm-prompt.ts';
import { assertFreshProof, decidableDigest } from '../flow/decidable.ts';
import { showPlanned } from '../flow/propose.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { addDigestOption, addOperationArgument, checkDigest } from './operation-argument.ts';
import { tellOperation } from './tell-operation.ts';

interface ConfirmOptions extends CommonOptions {
  readonly yes?: boolean;
  readonly digest?: string;
}

/** `countersign confirm`: the requester confirms exactly the plan that is shown; nothing is run yet. */
export function configure(command: Command, session: Session): void {
  addOperationArgument(command).option('-y, --yes', 'do not ask for the name of the target');
  addCommonOptions(addDigestOption(command));
  addExamples(command, 'countersign confirm 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10');
  setAction<ConfirmOptions, [string]>(command, session, async (context, options, reference) => {
    const operation = await showPlanned(context, await findOperation(context.client, reference));
    checkDigest(operation, options.digest);
    decidableDigest(operation);
    assertFreshProof(operation);
    if (options.yes) printStakes(context, operation);
    else if (!context.interactive) throw nobodyToAsk(operation, 'a confirmation needs the name of the target');
    else if (!(await askTargetName(context, operation, 'confirm'))) {
      context.print.note('Not confirmed.');
      context.print.document(operation);
      return 1;
    }
    return tellOperation(context, await confirmPlan(context, 'confirm', operation));
  });
}
