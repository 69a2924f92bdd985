import { visibleLine } from '@countersign/evidence';
import type { Command } from 'commander';
import { audited, subjectWithoutOperation } from '../local-audit/audited.ts';
import type { Session } from '../program/command-entry.ts';
import { addCommonOptions, addExamples, type CommonOptions } from '../program/common-options.ts';
import { setAction } from '../program/context.ts';
import { renderTable } from '../render/table.ts';
import { renderTime } from '../render/time.ts';

/** `countersign targets test`: exit 1 where no worker is ready. */
export function configureTargetTest(command: Command, session: Session): void {
  addCommonOptions(command.argument('<target>', 'name of the target; see `countersign targets`'));
  addExamples(command, 'countersign targets test shop-docker');
  setAction<CommonOptions, [string]>(command, session, async (context, _options, target) => {
    const { client, print } = context;
    const call = () => client.call('targetTest', { params: { target }, body: {} });
    const found = await audited(context, 'targets test', subjectWithoutOperation(target), call, ({ status }) => status);
    const rows = found.workers.map(({ worker, status, message, looked_at: at }) =>
      [worker, status, renderTime(at), message].map(visibleLine),
    );
    if (rows.length === 0) print.text(`No worker serves ${visibleLine(target)}.`);
    else print.text(renderTable(['WORKER', 'STATUS', 'LOOKED', 'DETAIL'], rows, print.colors));
    print.document(found);
    return found.status === 'ready' ? 0 : 1;
  });
}
