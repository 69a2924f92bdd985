import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { configureAuditCheckpoint } from './audit-checkpoint-command.ts';
import { configureAuditExport } from './audit-export-command.ts';
import { configureAuditList } from './audit-list-command.ts';
import { configureAuditProve } from './audit-prove-command.ts';
import { configureAuditVerify } from './audit-verify-command.ts';

/** `countersign audit`: ls, verify, export, prove, checkpoint. */
export function configure(command: Command, session: Session): void {
  configureAuditList(command.command('ls').description('List audit entries'), session);
  configureAuditVerify(
    command.command('verify').description('Compute the log again and compare it with its signed checkpoint'),
    session,
  );
  configureAuditExport(
    command.command('export').description('Write the log as JSON lines, with its checkpoint'),
    session,
  );
  configureAuditProve(
    command.command('prove').description('Prove that an entry is in the log, or that the log only grew'),
    session,
  );
  configureAuditCheckpoint(
    command.command('checkpoint').description('Print the newest signed checkpoint, to be kept elsewhere'),
    session,
  );
}
