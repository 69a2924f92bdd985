import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { configureProviderList } from './provider-list-command.ts';
import { configureProviderTest } from './provider-test-command.ts';
import { configureProviderUse } from './provider-use-command.ts';

/** `countersign provider`: ls, use, test. */
export function configure(command: Command, session: Session): void {
  configureProviderList(command.command('ls').description('List providers of models, and which is active'), session);
  configureProviderUse(command.command('use').description('Make another provider active for new requests'), session);
  configureProviderTest(command.command('test').description('Ask a provider whether it answers'), session);
}
