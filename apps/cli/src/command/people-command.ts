import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { configurePeopleChange } from './people-change-command.ts';
import { configureInvite, configureInvites, configureReset, configureUninvite } from './people-invite-command.ts';
import { configurePeopleList, configurePeopleSessions } from './people-list-command.ts';

/** `countersign people`: who may sign in, and the links that let them in. */
export function configure(command: Command, session: Session): void {
  const sub = (name: string, description: string) => command.command(name).description(description);
  configurePeopleList(sub('ls', 'List everybody who may sign in'), session);
  configureInvite(sub('invite', 'Make a one-time link by which a person joins'), session);
  configureInvites(sub('invites', 'List one-time links, never their secret'), session);
  configureUninvite(sub('uninvite', 'Take an open link back'), session);
  configureReset(sub('reset', 'Make a one-time link for a new password'), session);
  configurePeopleSessions(sub('sessions', 'List where a person is signed in'), session);
  configurePeopleChange(command, session);
}
