import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';

/** `countersign webhooks ls`. */
export function configureWebhooksList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign webhooks ls');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('webhookList');
    const rows = answer.webhooks.map((each) => [
      each.name,
      each.state,
      each.origin,
      each.delivered_at === null ? '-' : renderTime(each.delivered_at),
      String(each.cursor),
      String(each.dead_letter_count),
      each.error ?? '',
    ]);
    print.text(renderTable(['WEBHOOK', 'STATE', 'TO', 'DELIVERED', 'LEAF', 'DEAD', 'ERROR'], rows, print.colors));
    const letters = answer.webhooks.flatMap(({ name, dead_letters }) =>
      dead_letters.map((letter) => [
        name,
        letter.entry_id,
        letter.event,
        String(letter.attempts),
        renderTime(letter.died_at),
        letter.queued ? 'queued' : letter.error,
      ]),
    );
    if (letters.length > 0) {
      print.text('');
      print.text(renderTable(['WEBHOOK', 'ENTRY', 'EVENT', 'ATTEMPTS', 'GIVEN UP', 'ERROR'], letters, print.colors));
      print.note('Try them once more: countersign webhooks resend NAME');
    }
    print.document(answer);
    return 0;
  });
}
