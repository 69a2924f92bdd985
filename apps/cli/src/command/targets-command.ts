import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { configureTargetAdd, configureTargetRemove, configureTargetSet } from './targets-change-command.ts';
import { configureTargetInventory } from './targets-inventory-command.ts';
import { configureTargetsList } from './targets-list-command.ts';
import { configureTargetTest } from './targets-test-command.ts';

/** `countersign targets`: ls, test, inventory, add, set, rm. */
export function configure(command: Command, session: Session): void {
  const list = command.command('ls', { isDefault: true });
  configureTargetsList(list.description('List targets, who serves and who holds each'), session);
  configureTargetTest(command.command('test').description('Have its workers look at a target now'), session);
  const inventory = command.command('inventory').description('List what a target holds, with labels and age');
  configureTargetInventory(inventory, session);
  configureTargetAdd(command.command('add').description('Add a target without a restart'), session);
  configureTargetSet(command.command('set').description('Change settings or worker of an added target'), session);
  configureTargetRemove(command.command('rm').description('Remove an added target'), session);
}
