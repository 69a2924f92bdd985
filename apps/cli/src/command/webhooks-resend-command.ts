import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

interface ResendOptions extends CommonOptions {
  readonly entry?: string;
}

/** `countersign webhooks resend`. */
export function configureWebhooksResend(command: Command, session: Session): void {
  command.argument('<name>', 'name of the webhook in the configuration');
  command.option('--entry <id>', 'only this entry; all that it did not take when left out');
  addCommonOptions(command);
  addExamples(command, 'countersign webhooks resend chat');
  setAction<ResendOptions, [string]>(command, session, async (context, { entry }, name) => {
    const { client, print } = context;
    const params = { name };
    const queue = () => client.call('webhookResend', { params, body: entry === undefined ? {} : { entry_id: entry } });
    const subject = subjectWithoutOperation(name);
    const answer = await audited(context, 'webhooks resend', subject, queue, ({ queued }) => String(queued));
    print.document(answer);
    print.text(`${print.colors.green('ok')}: ${answer.queued} to be tried once more`);
    print.note('`countersign webhooks ls` tells what is left.');
    return 0;
  });
}
