import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderSize } from '../render/size.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';

/** `countersign backup ls`. */
export function configureBackupList(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign backup ls');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('backupList');
    const rows = answer.backups.map((backup) => [
      backup.name,
      backup.state,
      renderTime(backup.started_at),
      String(backup.rows),
      renderSize(backup.size_bytes),
      String(backup.tree_size),
      backup.folder,
    ]);
    print.text(renderTable(['BACKUP', 'STATE', 'MADE', 'ROWS', 'SIZE', 'AUDIT', 'FOLDER'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}
