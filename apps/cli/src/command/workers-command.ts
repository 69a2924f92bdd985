import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import {
  configureEnrol,
  configureEnrolments,
  configureUnenrol,
  configureWorkersRevoke,
} from './workers-enrol-command.ts';
import { configureWorkersList } from './workers-list-command.ts';

/** `countersign workers`: ls, enrol, enrolments, unenrol, revoke. */
export function configure(command: Command, session: Session): void {
  const list = command.command('ls', { isDefault: true });
  configureWorkersList(list.description('List workers: version, last seen, readiness'), session);
  configureEnrol(command.command('enrol').description('Make a one-time secret by which a worker joins'), session);
  configureEnrolments(command.command('enrolments').description('List enrolments, never their secret'), session);
  configureUnenrol(command.command('unenrol').description('Take an open enrolment back'), session);
  configureWorkersRevoke(command.command('revoke').description("End a worker's key and tokens"), session);
}
