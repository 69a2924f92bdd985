import type { Command } from 'commander';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';

/** `countersign freezes`. */
export function configure(command: Command, session: Session): void {
  addCommonOptions(command);
  addExamples(command, 'countersign freezes');
  setAction<CommonOptions>(command, session, async ({ client, print }) => {
    const answer = await client.call('freezeList');
    const rows = answer.freezes.map(({ project, environment, until, by, reason }) => [
      `${project}/${environment}`,
      until === null ? 'thawed' : renderTime(until),
      by,
      reason,
    ]);
    print.text(renderTable(['ENVIRONMENT', 'UNTIL', 'BY', 'REASON'], rows, print.colors));
    print.document(answer);
    return 0;
  });
}
