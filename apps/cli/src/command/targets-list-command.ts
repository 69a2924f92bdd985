import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';

/** `countersign targets ls`: where changes can go, who serves and who holds each. */
export function configureTargetsList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign targets', 'countersign targets --json');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('targets');
    const rows = answer.targets.map((target) => [
      target.name,
      target.project,
      target.environment,
      target.tier,
      target.connector,
      target.served ? 'yes' : 'no',
      target.lockedBy?.op_id ?? '-',
    ]);
    print.text(renderTable(['TARGET', 'PROJECT', 'ENV', 'TIER', 'CONNECTOR', 'SERVED', 'HELD BY'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}
