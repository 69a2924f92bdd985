import { visible } from '@countersign/evidence';
import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

/** `countersign audit checkpoint`. */
export function configureAuditCheckpoint(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign audit checkpoint > kept-elsewhere.txt');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const checkpoint = await client.call('checkpoint');
    print.text(visible(checkpoint.note));
    print.document(checkpoint);
    return 0;
  });
}
