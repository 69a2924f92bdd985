import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { configureEvidenceExport } from './evidence-export-command.ts';
import { configureEvidenceGet } from './evidence-get-command.ts';

/** `countersign evidence`: get, export. */
export function configure(command: Command, session: Session): void {
  configureEvidenceGet(command.command('get').description('Write a bundle to a folder'), session);
  configureEvidenceExport(
    command.command('export').description("Write a bundle into a repository's docs/evidence/"),
    session,
  );
}
