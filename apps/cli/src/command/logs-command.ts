import type { Command } from 'commander';
import { findOperationId } from '../connection/find-operation.ts';
import { printStream } from '../flow/print-stream.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { addOperationArgument } from './operation-argument.ts';
import { wholeNumber } from './whole-number.ts';

interface LogsOptions extends CommonOptions {
  readonly follow?: boolean;
  readonly after?: number;
}

/** `countersign logs`: the events and output of an operation's run. */
export function configure(command: Command, session: Session): void {
  addOperationArgument(command)
    .option('-f, --follow', 'go on until the run ends')
    .option('--after <n>', 'only events after this number', wholeNumber(0, Number.MAX_SAFE_INTEGER));
  addCommonOptions(command);
  addExamples(
    command,
    'countersign logs -f 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10',
    'countersign logs 0198f2a4-7c1e --json | jq .event.type',
  );
  setAction<LogsOptions, [string]>(command, session, async (context, { follow = false, after }, reference) => {
    const opId = await findOperationId(context.client, reference);
    await printStream(context, opId, { follow, ...(after !== undefined && { after }) });
    return 0;
  });
}
