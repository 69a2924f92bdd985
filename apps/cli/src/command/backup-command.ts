import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { configureBackupCheck } from './backup-check-command.ts';
import { configureBackupList } from './backup-list-command.ts';
import { configureBackupMake } from './backup-make-command.ts';

/** `countersign backup`: make, ls, check. */
export function configure(command: Command, session: Session): void {
  configureBackupMake(command.command('make').description('Back up database, artifacts, keys and tree head'), session);
  configureBackupList(command.command('ls').description('List backups'), session);
  configureBackupCheck(
    command.command('check').description('Prove offline that a backup is whole and can be restored'),
    session,
  );
}
