import { visibleLine } from '@countersign/evidence';
import type { Command } from 'commander';
import { findOperation } from '../connection/find-operation.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderOperation } from '../render/operation.ts';
import { addOperationArgument } from './operation-argument.ts';

/** `countersign show`: one operation with its plan, decisions and run. */
export function configure(command: Command, session: Session): void {
  addCommonOptions(addOperationArgument(command));
  addExamples(
    command,
    'countersign show 0198f2a4-7c1e-7000-8000-2f6f1c3a9b10',
    'countersign show 0198f2a4-7c1e --json',
  );
  setAction<CommonOptions, [string]>(command, session, async ({ client, print }, _options, reference) => {
    const operation = await findOperation(client, reference);
    print.text(renderOperation(operation, print.colors));
    if (operation.next.length > 0) print.note('\nNext:');
    for (const step of operation.next) print.note(`  ${visibleLine(step)}`);
    print.document(operation);
    return 0;
  });
}
