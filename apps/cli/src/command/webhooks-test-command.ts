import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';

/** `countersign webhooks test`. Exits 1 when the place did not take the event. */
export function configureWebhooksTest(command: Command, session: Session): void {
  command.argument('<name>', 'name of the webhook in the configuration');
  addCommonOptions(command);
  addExamples(command, 'countersign webhooks test chat');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, name) => {
    const { client, print } = context;
    const params = { name };
    const send = () => client.call('webhookTest', { params });
    const subject = subjectWithoutOperation(name);
    const tested = await audited(context, 'webhooks test', subject, send, (done) => done.name);
    print.document(tested);
    const word = tested.delivered ? print.colors.green('ok') : print.colors.red('failed');
    print.text(`${word}: ${tested.message}`);
    return tested.delivered ? 0 : 1;
  });
}
