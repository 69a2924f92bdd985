import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { configureWebhooksList } from './webhooks-list-command.ts';
import { configureWebhooksResend } from './webhooks-resend-command.ts';
import { configureWebhooksTest } from './webhooks-test-command.ts';

/** `countersign webhooks`: ls, test, resend. */
export function configure(command: Command, session: Session): void {
  configureWebhooksList(command.command('ls').description('List webhooks and what they did not take'), session);
  configureWebhooksTest(command.command('test').description('Send a test event now'), session);
  configureWebhooksResend(command.command('resend').description('Try dead letters once more'), session);
}
