import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { configureTokenCreate } from './token-create-command.ts';
import { configureTokenList } from './token-list-command.ts';
import { configureTokenRevoke } from './token-revoke-command.ts';

/** `countersign token`: create, ls, revoke. */
export function configure(command: Command, session: Session): void {
  configureTokenCreate(command.command('create').description('Make a token; its text is printed once'), session);
  configureTokenList(command.command('ls').description('List tokens, never their text'), session);
  configureTokenRevoke(command.command('revoke').description('Revoke a token'), session);
}
